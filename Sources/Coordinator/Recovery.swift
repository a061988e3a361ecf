internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

// What people are told when the ledger is an older copy than the clusters have seen.

extension AuditRecord {
  /// That the ledger is, or may be, an older copy than the clusters have seen: once, for all shares that are doubted.
  init?(_ input: Input, doubting events: [Event], at now: Timestamp) {
    var clusters = TouchList<ClusterName>()
    for event in events {
      if case .share(_, let cluster, .doubted) = event { clusters.insert(cluster) }
    }
    guard input == .recover || !clusters.isEmpty else { return nil }
    let reason: String
    switch input {
    case .recover: reason = "sluiced was started with --recover"
    case .linked(let cluster, let write?): reason = Self.unknown(write, to: cluster)
    case .report(let cluster, let report):
      guard let write = report.head.applied else { return nil }
      reason = Self.unknown(write, to: cluster)
    default: return nil
    }
    let names = clusters.map(\.text).joined(separator: ", ")
    self.init(
      at: now, who: "sluice", action: "recover",
      to: names.isEmpty ? "no project has a cluster" : "to be read before anything grows: \(names)",
      reason: reason)
  }

  private static func unknown(_ write: WriteNumber, to cluster: ClusterName) -> String {
    "\(cluster) has seen write \(write), which this ledger doesn't know: it is an older copy"
  }
}

extension Problem {
  /// That the ledger is an older copy than the clusters have seen, as long as one of them must be read for it.
  static func all(ofRecoveryIn state: State) -> [Problem] {
    var waiting: Set<ClusterName> = []
    for name in state.projectNames {
      for (cluster, share) in state.projects[name]?.shares ?? [:] where share.isDoubted {
        waiting.insert(cluster)
      }
    }
    guard !waiting.isEmpty else { return [] }
    let clusters = waiting.sorted().map(\.text).joined(separator: ", ")
    return [
      Problem(
        subject: "recovery",
        message:
          "the ledger is an older copy: no project grows before each of its clusters was read; still to be "
          + "read: \(clusters)",
        advice: "see that their agents run and their controllers answer")
    ]
  }
}
