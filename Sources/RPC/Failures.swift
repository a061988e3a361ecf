internal import Transport
internal import Wire

extension Failure {
  /// What a user is told when a connection fails.
  init(_ error: TransportError) {
    switch error {
    case .notListening(let path):
      self.init(.unavailable, "no one listens on \(path): is the service behind it running?")
    case .notPermitted: self.init(.forbidden, "\(error): it takes the socket's owner, its group, or root")
    case .timedOut: self.init(.unavailable, "\(error): try again")
    case .closed, .lineTooLong, .noProgram: self.init(.unavailable, "\(error)")
    case .alreadyServed: self.init(.conflict, "\(error): stop it first, or choose another path")
    case .pathTooLong, .notASocket, .unknownGroup: self.init(.badParameters, "\(error)")
    case .system(_, _, let code):
      self.init(.unavailable, "\(error)", cause: "error \(code) of the system")
    }
  }

  /// What a client is told that is turned away.
  init(_ fault: LineFault) {
    switch fault {
    case .lineTooLong: self.init(.malformed, "\(fault)")
    case .tooManyConnections, .tooManyConnectionsOfUser, .tooManyBufferedBytes, .outOfDescriptors:
      self.init(.overloaded, "\(fault)")
    }
  }
}
