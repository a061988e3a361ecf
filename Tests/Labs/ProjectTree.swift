import Foundation
import Synchronization

/// Four projects over both clusters: `top` with `left` and `right` below it, and `leaf` below `left`. The two in the
/// middle may together use more than `top` may.
struct ProjectTree: Sendable {
  struct Node: Sendable {
    let project: String
    let parent: String?
    let users: [String]
    let caps: [String: Int]
    /// Its own account and all below it.
    let accounts: Set<String>
  }

  let nodes: [Node]

  init() {
    let name = Lab.newName("tree")
    let (top, left, right, leaf) = ("\(name)-top", "\(name)-left", "\(name)-right", "\(name)-leaf")
    nodes = [
      Node(
        project: top, parent: nil, users: ["alice"], caps: ["cpu": 12, "gres/gpu": 6],
        accounts: [top, left, right, leaf]),
      Node(
        project: left, parent: top, users: ["bob"], caps: ["cpu": 8, "gres/gpu": 4], accounts: [left, leaf]),
      Node(
        project: right, parent: top, users: ["carol"], caps: ["cpu": 8, "gres/gpu": 4], accounts: [right]),
      Node(project: leaf, parent: left, users: ["dave"], caps: ["cpu": 4, "gres/gpu": 2], accounts: [leaf]),
    ]
  }

  var yaml: String {
    "projects:\n"
      + nodes.map { node in
        let caps = node.caps.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(
          separator: ", ")
        let parent = node.parent.map { "parent: \($0), " } ?? ""
        let members = node.users.map { "\($0): user" }.joined(separator: ", ")
        return "  - {name: \(node.project), \(parent)limits: {\(caps)}, members: {\(members)}, "
          + "clusters: {alpha: , beta: }}\n"
      }.joined()
  }
}

/// Reads what each node of a tree uses over both clusters, again and again on a thread of its own, until stopped.
final class TreeSampler: Sendable {
  private typealias Use = [String: [String: Int]]

  private struct State {
    var peaks: Use = [:]
    var count = 0
    var isStopping = false
    var isDone = false
  }

  private let lab: Lab
  private let tree: ProjectTree
  private let state = Mutex(State())

  init(_ lab: Lab, _ tree: ProjectTree) {
    self.lab = lab
    self.tree = tree
    Thread.detachNewThread { [weak self] in
      while self?.look() == true { Thread.sleep(forTimeInterval: 0.02) }
    }
  }

  /// Ends the thread, and gives the most that each project was seen to use of each TRES, and the number of looks.
  func stop() -> (peaks: [String: [String: Int]], count: Int) {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.01) }
    return state.withLock { ($0.peaks, $0.count) }
  }

  /// As in `Sampler`: alpha before and after beta, and the lower counts.
  private func look() -> Bool {
    if let before = try? use(.alpha), let beta = try? use(.beta), let after = try? use(.alpha) {
      state.withLock { state in
        state.count += 1
        for node in tree.nodes {
          for tres in node.caps.keys {
            func sum(_ use: Use) -> Int { node.accounts.reduce(0) { $0 + (use[$1]?[tres] ?? 0) } }
            let used = min(sum(before), sum(after)) + sum(beta)
            state.peaks[node.project, default: [:]][tres, default: 0] = max(
              state.peaks[node.project]?[tres] ?? 0, used)
          }
        }
      }
    }
    return state.withLock {
      $0.isDone = $0.isStopping
      return !$0.isDone
    }
  }

  /// By account, what its jobs hold.
  private func use(_ cluster: Cluster) throws -> Use {
    var use: Use = [:]
    let format = "State:20,Account:40,tres-alloc:200"
    let states = "RUNNING,SUSPENDED,CONFIGURING"
    for line in try lab.slurm(cluster, ["squeue", "-h", "-t", states, "-O", format]).lines {
      let fields = line.split(separator: " ", omittingEmptySubsequences: true)
      guard fields.count == 3 else { continue }
      for part in fields[2].split(separator: ",") {
        let sides = part.split(separator: "=")
        guard sides.count == 2, let amount = Int(sides[1]) else { continue }
        use[String(fields[1]), default: [:]][String(sides[0]), default: 0] += amount
      }
    }
    return use
  }
}
