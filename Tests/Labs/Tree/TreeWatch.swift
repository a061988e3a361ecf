import Foundation
import Synchronization

/// What one cluster's slurmctld tells of a tree: by squeue, and by its own count and limits.
private struct TreeReading {
  /// Of the jobs that run, are suspended or being configured.
  var jobs: TreeAmounts = [:]
  var counted: TreeAmounts = [:]
  /// The limit, or what is used beyond it.
  var inForce: TreeAmounts = [:]
  /// By account.
  var waiting: [String: Int] = [:]
}

/// Looks at what a tree uses and could use over both clusters, by Slurm's own commands, again and again on a thread of
/// its own, until stopped.
final class TreeWatch: Sendable {
  /// While a slower look is taken, an amount can go down and up again: it would prove nothing.
  private static let slowest = 1.0
  private static let mostFaults = 20

  private struct State {
    var faults: [String] = []
    var count = 0
    var slow = 0
    var failed = 0
    var last: TreeAmounts = [:]
    var peaks: TreeAmounts = [:]
    var waiting: [Cluster: [String: Int]] = [:]
    var isStopping = false
    var isDone = false

    mutating func note(jobs: TreeAmounts) {
      last = jobs
      for (project, amounts) in jobs { peaks[project, default: [:]].merge(amounts, uniquingKeysWith: max) }
    }
  }

  private let lab: Lab
  private let tree: ProjectTree
  private let state = Mutex(State())
  private let start = ContinuousClock.now

  init(_ lab: Lab, _ tree: ProjectTree) {
    self.lab = lab
    self.tree = tree
    // Weak, so that the thread ends too when a test throws before it stops this.
    Thread.detachNewThread { [weak self] in
      while self?.look() == true { Thread.sleep(forTimeInterval: 0.02) }
    }
  }

  /// What was beyond what the projects are promised, with the second.
  var faults: [String] { state.withLock { $0.faults } }
  /// Looks; and those that proved nothing, because they were too slow or a cluster didn't answer.
  var counts: (good: Int, slow: Int, failed: Int) { state.withLock { ($0.count, $0.slow, $0.failed) } }
  /// The most that each project's jobs were seen to use.
  var peaks: TreeAmounts { state.withLock { $0.peaks } }

  /// What the project's jobs, and those below it, used at the last look.
  func used(_ tres: String, by project: String) -> Int {
    state.withLock { $0.last[project]?[tres] ?? 0 }
  }

  func waiting(_ account: String, _ cluster: Cluster) -> Int {
    state.withLock { $0.waiting[cluster]?[account] ?? 0 }
  }

  func stop() {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.01) }
  }

  private func look() -> Bool {
    let from = seconds
    do {
      let before = try read(.alpha)
      let beta = try read(.beta)
      let after = try read(.alpha)
      let to = seconds
      let isSlow = to - from > Self.slowest
      let views = [("runs", \TreeReading.jobs), ("counts", \.counted), ("could run", \.inForce)].map {
        ($0, TreeAudit.join(before: before[keyPath: $1], beta: beta[keyPath: $1], after: after[keyPath: $1]))
      }
      state.withLock { state in
        state.waiting = [.alpha: after.waiting, .beta: beta.waiting]
        if isSlow { return state.slow += 1 }
        state.count += 1
        state.note(jobs: views[0].1)
        for (view, amounts) in views where state.faults.count < Self.mostFaults {
          state.faults += TreeAudit.violations(tree, amounts).map { "\(Int(to)) s, \(view): \($0)" }
        }
      }
    } catch {
      state.withLock { $0.failed += 1 }
    }
    return state.withLock {
      $0.isDone = $0.isStopping
      return !$0.isDone
    }
  }

  private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  private func read(_ cluster: Cluster) throws -> TreeReading {
    var reading = TreeReading()
    let format = "State:20,Account:40,tres-alloc:200"
    let lines = try lab.slurm(cluster, ["squeue", "-hr", "-O", format], timeout: 5).lines
    var own: TreeAmounts = [:]
    for line in lines {
      let fields = line.split(separator: " ").map(String.init)
      guard fields.count >= 2 else { continue }
      switch fields[0] {
      case "PENDING": reading.waiting[fields[1], default: 0] += 1
      case "RUNNING", "SUSPENDED", "CONFIGURING":
        own[fields[1], default: [:]].merge(Self.amounts(fields.last ?? ""), uniquingKeysWith: +)
      default: break
      }
    }
    for node in tree.nodes {
      for account in tree.accounts(of: node.project) {
        reading.jobs[node.project, default: [:]].merge(own[account] ?? [:], uniquingKeysWith: +)
      }
    }
    for row in try lab.associations(of: tree.names, cluster, timeout: 5) {
      reading.counted[row.account] = row.used
      // What is capped and has no limit here could use the whole cluster, and more than any cap.
      let capped = tree[row.account]?.caps ?? [:]
      let limits = row.limits.merging(capped.mapValues { $0 + 1000 }) { limit, _ in limit }
      reading.inForce[row.account] = limits.merging(row.used, uniquingKeysWith: max)
    }
    return reading
  }

  /// From `cpu=2,mem=3M,gres/gpu=1`; without what is no plain number.
  private static func amounts(_ text: String) -> [String: Int] {
    var amounts: [String: Int] = [:]
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=")
      if sides.count == 2, let amount = Int(sides[1]) { amounts[String(sides[0])] = amount }
    }
    return amounts
  }
}
