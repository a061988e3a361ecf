/// What one server lets its clients cost.
package struct LineLimits: Sendable {
  /// Bytes of a line, without its newline.
  package var longestLine = 16 << 20
  package var mostConnections = 4096
  /// Of one user; root and the server's own user may have `mostConnections`.
  package var mostConnectionsPerUser = 1024
  /// Bytes that wait to be sent to one client that doesn't read.
  package var mostUnsentBytes = 64 << 20
  /// Bytes that all of one user's connections keep here: unfinished lines, and what waits to be sent.
  package var mostBufferedBytesPerUser = 256 << 20

  package init() {}

  /// Kept free for root and the server's own user, so that others can't lock them out.
  var reservedConnections: Int { min(64, mostConnections / 8) }
}

/// Why a client is turned away.
package enum LineFault: Hashable, Sendable, CustomStringConvertible {
  case lineTooLong(most: Int)
  case tooManyConnections(most: Int)
  case tooManyConnectionsOfUser(most: Int)
  case tooManyBufferedBytes(most: Int)
  case outOfDescriptors

  package var description: String {
    switch self {
    case .lineTooLong(let most): "a line has at most \(most) bytes"
    case .tooManyConnections(let most): "at most \(most) connections are served at once: try again later"
    case .tooManyConnectionsOfUser(let most):
      "at most \(most) connections of one user are served at once: close some"
    case .tooManyBufferedBytes(let most):
      "the connections of one user may have at most \(most) bytes in unfinished lines: send fewer at once"
    case .outOfDescriptors: "this service has no more file descriptors: try again later"
    }
  }
}
