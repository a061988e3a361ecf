internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

// What of the events goes into the audit beside the commands themselves: moves and foreign hands.
extension AuditRecord {
  /// `state` is as the event left it.
  init?(_ event: Event, in state: State, at now: Timestamp) {
    if case .loan(let borrower, let lender, let loan) = event {
      // Told by the lender, who is asked where its cap has gone.
      self.init(
        at: now, who: "sluice", action: "loan", project: lender.text, to: loan.setAside.description,
        reason: loan.isEmpty
          ? "\(borrower) has given all back"
          : "set aside for \(borrower), which may use \(loan.granted.isEmpty ? "none" : "\(loan.granted)") of it and "
            + (loan.wanted.isEmpty ? "wants none" : "wants \(loan.wanted)"))
      return
    }
    guard case .share(let project, let cluster, let change) = event else { return nil }
    switch change {
    case .allotted(let amounts, let was):
      self.init(
        at: now, who: "sluice", action: "allotment", project: project.text, cluster: cluster.text,
        from: was.description, to: amounts.description,
        reason: AllotmentReason(project, cluster, from: was, to: amounts, in: state)?.words)
    case .foreign(.some(let limits)):
      let isRevived = state.share(of: project, in: cluster).map(state.isRevived) ?? false
      self.init(
        at: now, who: isRevived ? "controller" : "unknown", action: "drift", project: project.text,
        cluster: cluster.text, to: limits.isEmpty ? "no limit" : limits.description,
        reason: isRevived
          ? "the controller started anew with an old limit"
          : "a limit was changed in the cluster, not by Sluice")
    default:
      return nil
    }
  }
}

extension AuditEntry {
  init(_ record: AuditRecord) {
    self.init(
      id: record.id, at: record.at, who: record.who, action: record.action, project: record.project,
      cluster: record.cluster, from: record.from, to: record.to, reason: record.reason)
  }
}
