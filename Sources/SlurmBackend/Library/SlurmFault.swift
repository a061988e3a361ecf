internal import CSlurm
internal import Glibc
internal import Wire

/// What a call of libslurm gave instead of a result.
struct SlurmFault: Error, CustomStringConvertible {
  let code: Int32
  /// What was being done, such as "read the jobs".
  let doing: String

  /// The fault of the call just made on this thread.
  static func last(_ doing: String) -> SlurmFault { SlurmFault(code: errno, doing: doing) }

  var isNoChange: Bool { code == Int32(SLURM_NO_CHANGE_IN_DATA.rawValue) }

  /// Whether a daemon gave it, and not the way there. Slurm's own codes lie above the system's; of them those
  /// from 1000 to 1999 tell of the connection.
  var isAnswer: Bool { code >= 2000 }

  var reason: String {
    guard code != 0, let text = unsafe slurm_strerror(code) else { return "no reason given" }
    return unsafe String(cString: text)
  }

  var description: String { "can't \(doing): \(reason)" }

  var failure: Failure { Failure(.unavailable, "can't \(doing)", cause: reason) }
}
