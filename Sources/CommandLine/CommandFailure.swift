internal import Wire
internal import YAML

/// How `sluice` ends.
package enum CommandExit: Int32, Sendable {
  case ok = 0
  case failed = 1
  case usage = 2
  case unreachable = 3
}

/// Why a verb could not do what was asked.
enum CommandFailure: Error {
  case unreachable(Failure)
  case request(Failure)
  case file(YAMLFault)
  /// The arguments, taken together, ask for nothing that can be done.
  case usage(String)
  /// What was printed already says it.
  case refused

  var exit: CommandExit {
    switch self {
    case .unreachable: .unreachable
    case .usage: .usage
    case .request, .file, .refused: .failed
    }
  }

  /// What goes to standard error.
  var lines: [String] {
    switch self {
    case .unreachable(let failure):
      Self.lines(of: failure, message: "sluiced can't be reached: \(failure.message)")
        + ["  see 'systemctl status sluiced'; the socket is --socket PATH or $SLUICE_SOCKET"]
    case .request(let failure):
      Self.lines(of: failure, message: failure.message)
        + (Self.advice(failure.code).map { ["  \($0)"] } ?? [])
    case .file(let fault): ["sluice: \(Words.visible(fault.description))"]
    case .usage(let message): ["sluice: \(Words.visible(message))"]
    case .refused: []
    }
  }

  private static func lines(of failure: Failure, message: String) -> [String] {
    let cause = failure.cause.map { ["  cause: \(Words.visible($0))"] } ?? []
    return ["sluice: \(Words.visible(message))"] + cause
  }

  private static func advice(_ code: FailureCode) -> String? {
    switch code {
    case .overloaded: "sluiced is busy: try again in a moment"
    case .unenforced:
      "--accept-unenforced does it all the same; 'sluice cluster show' tells what voids the limit"
    case .unknownMethod: "this sluiced is older than this command: 'sluice status' tells both versions"
    case .faulty: "this is a fault of Sluice: its log has more, see 'journalctl -u sluiced'"
    case .forbidden: "'sluice status' tells who you are to sluiced"
    case .malformed, .notARequest, .badParameters, .notFound, .conflict, .unavailable, .outdated: nil
    }
  }
}
