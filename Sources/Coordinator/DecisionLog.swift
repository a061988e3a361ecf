internal import Core
internal import Ledger
internal import Logging
internal import Model

// What of a round is worth a line in the log: each decision once it is durable, and what became well or unwell.
extension Writer {
  mutating func logRound() {
    for record in round.batch.audit { log(record) }
    for project in round.touched { noteStanding(of: project) }
  }

  private func log(_ record: AuditRecord) {
    var metadata: Logger.Metadata = ["who": "\(record.who)"]
    metadata["project"] = record.project.map { "\($0)" }
    metadata["cluster"] = record.cluster.map { "\($0)" }
    metadata["from"] = record.from.map { "\($0)" }
    metadata["to"] = record.to.map { "\($0)" }
    metadata["reason"] = record.reason.map { "\($0)" }
    logger.log(level: record.level, "\(record.action)", metadata: metadata)
  }

  /// Moving and being ok again goes on all the time, and its decisions are in the log.
  private mutating func noteStanding(of project: ProjectName) {
    let standing = state.standing(of: project)
    guard let change = standings.note(standing.state, of: project, at: round.at) else { return }
    if change.to.isGrave {
      logger.warning(
        "project is \(change.to)",
        metadata: ["project": "\(project)", "reason": "\(standing.reasons.first ?? "")"])
    } else if change.from.isGrave {
      logger.notice("project is no longer \(change.from)", metadata: ["project": "\(project)"])
    }
  }

  func logUnlinked(_ cluster: ClusterName, _ reason: String) {
    // Each try to dial fails anew; one line tells it.
    guard notes[cluster]?.linkFault != reason else { return }
    logger.warning("agent lost", metadata: ["cluster": "\(cluster)", "reason": "\(reason)"])
  }

  /// - Parameter wasAnswering: before the view was taken in.
  func logAnswering(of cluster: ClusterName, wasAnswering: Bool) {
    let isAnswering = state.clusters[cluster]?.isAnswering ?? false
    guard isAnswering != wasAnswering else { return }
    let metadata: Logger.Metadata = ["cluster": "\(cluster)"]
    if isAnswering {
      logger.notice("cluster answers", metadata: metadata)
    } else {
      logger.warning("cluster does not answer its agent", metadata: metadata)
    }
  }
}

extension AuditRecord {
  /// What Sluice moves is daily work; what people change, and a foreign hand, stand out.
  fileprivate var level: Logger.Level {
    switch action {
    case "allotment", "user.allotment", "loan": .info
    case "drift", "user.drift": .warning
    default: .notice
    }
  }
}

extension Standing.State {
  fileprivate var isGrave: Bool { self != .ok && self != .moving }
}
