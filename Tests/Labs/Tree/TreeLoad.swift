import Foundation
import Synchronization

/// Keeps some jobs of a few seconds waiting in each cluster for each project that is active: single ones, arrays,
/// jobs with GPUs of either type, and heterogeneous ones.
final class TreeLoad: Sendable {
  /// No job is longer.
  static let longest = 4.0
  /// Of one project in one cluster.
  private static let backlog = 4

  private let lab: Lab
  private let tree: ProjectTree
  private let watch: TreeWatch
  private let state: Mutex<State>

  private struct State {
    var active: [String]
    var submitted = 0
    var failures: [String] = []
    var isStopping = false
    var isDone = false
  }

  init(_ lab: Lab, _ tree: ProjectTree, watch: TreeWatch, active: [String], seed: UInt64) {
    self.lab = lab
    self.tree = tree
    self.watch = watch
    state = Mutex(State(active: active))
    Thread.detachNewThread { [weak self] in
      var random = SeededGenerator(seed: seed)
      while let self, self.state.withLock({ !$0.isStopping }) {
        self.submit(&random)
        Thread.sleep(forTimeInterval: 0.05)
      }
      self?.state.withLock { $0.isDone = true }
    }
  }

  var submitted: Int { state.withLock { $0.submitted } }
  /// What Slurm did not take.
  var failures: [String] { state.withLock { $0.failures } }

  /// From now on only these get more jobs.
  func turn(to projects: [String]) { state.withLock { $0.active = projects } }

  func stop() {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.05) }
  }

  private func submit(_ random: inout SeededGenerator) {
    let project = state.withLock { $0.active }.randomElement(using: &random) ?? ""
    let cluster: Cluster = Bool.random(using: &random) ? .alpha : .beta
    let kind = Int.random(in: 0..<8, using: &random)
    let cpus = Int.random(in: 1...3, using: &random)
    let seconds = Double.random(in: 1...Self.longest, using: &random)
    guard let user = tree[project]?.user, watch.waiting(project, cluster) < Self.backlog else { return }
    let type = Bool.random(using: &random) || cluster == .beta ? "h100" : "a100"
    let options: [String] =
      switch kind {
      case 0, 1: ["-a", "1-\(cpus)"]
      case 2, 3: ["--gres=gpu:\(type):1"]
      case 4:
        [
          "--gres=gpu:\(type):1", ":", "--ntasks=1", "--cpus-per-task=2", "--mem=1M",
          "--account=\(project)",
        ]
      default: []
      }
    let isSingle = kind > 4
    do {
      try lab.submit(
        cluster, account: project, user: user, cpus: isSingle ? cpus : 1, seconds: seconds, options: options)
      state.withLock { $0.submitted += 1 }
    } catch {
      state.withLock { $0.failures.append("\(error)") }
    }
  }
}
