internal import Logging
internal import Synchronization
internal import Wire

/// Tells the log what became wrong with the cluster, and what is well again: a line each, not one a view.
final class ProblemLog: Sendable {
  private let logger: Logger
  private let known = Mutex<[ClusterProblem]>([])

  init(logger: Logger) { self.logger = logger }

  func note(_ problems: [ClusterProblem]) {
    let before = known.withLock { known in
      defer { known = problems }
      return known
    }
    for problem in problems where !before.contains(problem) {
      logger.warning("\(problem.message)", metadata: ["kind": "\(problem.kind.rawValue)"])
    }
    let kinds = problems.map(\.kind)
    for problem in before where !kinds.contains(problem.kind) {
      logger.notice(
        "well again", metadata: ["kind": "\(problem.kind.rawValue)", "was": "\(problem.message)"])
    }
  }
}
