internal import Core
internal import Model
internal import Quota

/// sluiced without threads and sockets: the core, and what its ledger would have. As the real writer, it makes
/// what a step decided durable before it acts, and it may die between any two of these.
struct SimulatedHost {
  enum Death { case beforeCommit, beforeEffects, amidEffects }

  private(set) var state: State
  /// A copy of the ledger, as a backup would be.
  private var backup: State?

  private let policy: DriftPolicy
  private let clusters: [ClusterName]

  init(clusters: [ClusterName], policy: DriftPolicy) {
    self.clusters = clusters
    self.policy = policy
    state = State(
      term: 1, projects: [], clusters: clusters, drained: [], lastWrites: NameMap(), driftPolicy: policy)
  }

  /// - Returns: The effects that are performed. None after a death before the commit: then the ledger, too, knows
  ///   nothing of the step.
  mutating func feed(_ input: Input, at now: Timestamp, dying death: Death? = nil) -> [Effect] {
    let before = death == .beforeCommit ? state : nil
    let step = state.step(input, at: now)
    switch death {
    case nil: return step.effects
    case .beforeCommit:
      if let before { state = before }
      restart()
      return []
    case .beforeEffects:
      restart()
      return []
    case .amidEffects:
      restart()
      return Array(step.effects.prefix(step.effects.count / 2))
    }
  }

  mutating func restart() { start(with: state) }

  mutating func backUp() { backup = state }

  /// Starts from the backup, as `sluiced --recover` does. False when there is none.
  mutating func restore(at now: Timestamp) -> Bool {
    guard let backup else { return false }
    start(with: backup)
    _ = state.step(.recover, at: now)
    return true
  }

  /// What a start has: everything durable, and nothing that was seen.
  private mutating func start(with old: State) {
    let projects = old.quotaNames.compactMap { old.projects[$0] }.map(Self.asKept)
    let drained = old.clusters.names.filter { name in old.clusters.read(name) { $0.isDrained } ?? false }
    state = State(
      term: old.term + 1, projects: projects, clusters: clusters, drained: Set(drained),
      lastWrites: old.lastWrites, driftPolicy: policy)
  }

  private static func asKept(_ quota: ProjectQuota) -> ProjectQuota {
    var quota = quota
    for cluster in quota.shares.names {
      quota.shares.update(cluster) { share in
        share.seen = nil
        share.isCurrent = false
        share.demand = Demand()
      }
    }
    return quota
  }
}
