import Foundation
import Synchronization

/// Reads what both slurmctlds hold an account to, again and again on a thread of its own, until stopped.
final class LimitSampler: Sendable {
  private struct State {
    var sums: [Int] = []
    var isStopping = false
    var isDone = false
  }

  private let grant: Grant
  private let state = Mutex(State())

  init(_ grant: Grant) {
    self.grant = grant
    Thread.detachNewThread { [weak self] in
      while self?.look() == true { Thread.sleep(forTimeInterval: 0.02) }
    }
  }

  /// Ends the thread and gives each sum that it saw.
  func stop() -> [Int] {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.01) }
    return state.withLock { $0.sums }
  }

  /// As in `Sampler`: alpha before and after beta, and the lower counts, since a limit may move meanwhile.
  private func look() -> Bool {
    let before = try? grant.native(.alpha)
    let beta = try? grant.native(.beta)
    let after = try? grant.native(.alpha)
    return state.withLock {
      if let before, let beta, let after { $0.sums.append(min(before, after) + beta) }
      $0.isDone = $0.isStopping
      return !$0.isDone
    }
  }
}
