import Foundation
import Synchronization

/// Keeps some short jobs of different widths waiting in each account and cluster, as users' scripts would.
final class StormLoad: Sendable {
  /// Of one account in one cluster.
  private static let backlog = 4

  private let lab: Lab
  private let accounts: [String]
  private let watch: StormWatch
  private let state = Mutex((submitted: 0, refused: 0, isStopping: false, isDone: false))

  init(_ lab: Lab, accounts: [String], watch: StormWatch, seed: UInt64) {
    self.lab = lab
    self.accounts = accounts
    self.watch = watch
    Thread.detachNewThread { [weak self] in
      var random = SeededGenerator(seed: seed)
      while let self, self.state.withLock({ !$0.isStopping }) {
        self.submit(&random)
        Thread.sleep(forTimeInterval: 0.2)
      }
      self?.state.withLock { $0.isDone = true }
    }
  }

  /// Jobs that Slurm took, and those it could not take because a part of it was down.
  var counts: (submitted: Int, refused: Int) { state.withLock { ($0.submitted, $0.refused) } }

  func stop() {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.05) }
  }

  private func submit(_ random: inout SeededGenerator) {
    let account = accounts.randomElement(using: &random) ?? ""
    let cluster: Cluster = Bool.random(using: &random) ? .alpha : .beta
    let cpus = Int.random(in: 1...3, using: &random)
    let seconds = Double.random(in: 1...4, using: &random)
    guard watch.waiting(account, cluster) < Self.backlog else { return }
    do {
      try lab.submit(
        cluster, account: account, user: Bool.random(using: &random) ? "alice" : "bob", cpus: cpus,
        seconds: seconds, timeout: 10)
      state.withLock { $0.submitted += 1 }
    } catch {
      state.withLock { $0.refused += 1 }
    }
  }
}
