import Foundation
import Synchronization

/// Reads what an account uses over both clusters, again and again on a thread of its own, until stopped.
final class Sampler: Sendable {
  private struct State {
    var samples: [Sample] = []
    var failures = 0
    var isStopping = false
    var isDone = false
  }

  private let lab: Lab
  private let account: String
  private let state = Mutex(State())
  private let start = ContinuousClock.now

  init(_ lab: Lab, account: String) {
    self.lab = lab
    self.account = account
    // Weak, so that the thread ends too when a test throws before it stops the sampler.
    Thread.detachNewThread { [weak self] in
      while self?.look() == true { Thread.sleep(forTimeInterval: 0.02) }
    }
  }

  var samples: [Sample] { state.withLock { $0.samples } }
  /// Rounds in which a cluster didn't answer, as when a test has killed its slurmctld.
  var failures: Int { state.withLock { $0.failures } }
  var peak: Int { Utilization.peak(samples) }

  /// Ends the thread and gives all that it saw.
  func stop() -> [Sample] {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.01) }
    return samples
  }

  /// Takes a sample; false when it is to be the last.
  private func look() -> Bool {
    do {
      let before = try read(.alpha)
      let beta = try read(.beta)
      let after = try read(.alpha)
      let at = (ContinuousClock.now - start) / .seconds(1)
      let sample = Reading.join(before: before, beta: beta, after: after, at: at)
      state.withLock { $0.samples.append(sample) }
    } catch {
      state.withLock { $0.failures += 1 }
      Thread.sleep(forTimeInterval: 0.2)
    }
    return state.withLock {
      $0.isDone = $0.isStopping
      return !$0.isDone
    }
  }

  private func read(_ cluster: Cluster) throws -> Reading { Reading(try lab.jobs(cluster, account: account)) }
}
