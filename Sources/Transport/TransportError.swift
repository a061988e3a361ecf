internal import Glibc

/// What can go wrong below the lines. Descriptions are sentences that users see.
package enum TransportError: Error, Hashable, Sendable, CustomStringConvertible {
  case pathTooLong(String)
  /// No such file, or no one listens there.
  case notListening(String)
  case notPermitted(String)
  /// Another process serves the path.
  case alreadyServed(String)
  /// A file that isn't a socket stands at the path.
  case notASocket(String)
  case unknownGroup(String)
  case noProgram(String)
  case timedOut
  case closed
  case lineTooLong(Int)
  case system(call: String, path: String, code: Int32)

  /// `sun_path` holds 108 bytes, one of them the NUL.
  package static let longestPath = 107

  package var description: String {
    switch self {
    case .pathTooLong(let path):
      "'\(path)' can't be a socket's path: from 1 to \(Self.longestPath) bytes are allowed"
    case .notListening(let path): "no one listens on \(path)"
    case .notPermitted(let path): "this user may not connect to \(path)"
    case .alreadyServed(let path): "another process already serves \(path)"
    case .notASocket(let path): "\(path) is in the way and is not a socket: move it away"
    case .unknownGroup(let name): "there is no group '\(name)' on this host"
    case .noProgram(let name): "'\(name)' is not installed on this host, or not in PATH"
    case .timedOut: "the time was up before an answer came"
    case .closed: "the connection was closed"
    case .lineTooLong(let most): "the other side sent a line of more than \(most) bytes"
    case .system(let call, let path, let code):
      "\(call)\(path.isEmpty ? "" : " on \(path)") failed: \(Self.text(of: code))"
    }
  }

  static func system(_ call: String, _ path: String = "") -> TransportError {
    .system(call: call, path: path, code: errno)
  }

  private static func text(of code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
