internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

// What of the events goes into the audit beside the commands themselves: moves and foreign hands.
extension AuditRecord {
  /// `state` is as the event left it.
  static func all(of event: Event, in state: State, at now: Timestamp) -> [AuditRecord] {
    if case .loan(let borrower, let lender, let loan, let old) = event {
      return loanRecords(loan, was: old, of: borrower, from: lender, at: now)
    }
    return AuditRecord(event, in: state, at: now).map { [$0] } ?? []
  }

  /// One for each of the two: both are asked where their caps have gone, or come from.
  private static func loanRecords(
    _ loan: Loan, was old: Loan, of borrower: ProjectName, from lender: ProjectName, at now: Timestamp
  ) -> [AuditRecord] {
    var records: [AuditRecord] = []
    func add(_ project: ProjectName, _ from: TRESAmounts, _ to: TRESAmounts, _ reason: String) {
      guard from != to else { return }
      records.append(
        AuditRecord(
          at: now, who: "sluice", action: "loan", project: project.text, from: from.description,
          to: to.description, reason: reason))
    }
    add(lender, old.setAside, loan.setAside, "set aside for \(borrower)")
    add(borrower, old.granted, loan.granted, "borrowed from \(lender)")
    return records
  }

  private init?(_ event: Event, in state: State, at now: Timestamp) {
    guard case .share(let project, let cluster, let change) = event else { return nil }
    // A user's stand apart from those of the project, which has a history of its own.
    let (kind, prefix) = project.parts.map { ("user.", "user \($0.user.inWords): ") } ?? ("", "")
    switch change {
    case .allotted(let amounts, let was):
      self.init(
        at: now, who: "sluice", action: kind + "allotment", project: project.whole.text,
        cluster: cluster.text,
        from: was.description, to: amounts.description,
        reason: AllotmentReason(project, cluster, from: was, to: amounts, in: state).map { prefix + $0.words }
      )
    case .foreign(.some(let limits)):
      let isRevived = state.share(of: project, in: cluster).map(state.isRevived) ?? false
      self.init(
        at: now, who: isRevived ? "controller" : "unknown", action: kind + "drift",
        project: project.whole.text,
        cluster: cluster.text, to: limits.isEmpty ? "no limit" : limits.description,
        reason: prefix
          + (isRevived
            ? "the controller started anew with an old limit"
            : "a limit was changed in the cluster, not by Sluice"))
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
