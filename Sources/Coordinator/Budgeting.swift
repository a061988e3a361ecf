internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

// Budgets: counted as charges and views come in, and told to the core when one is spent, or no longer.
extension Writer {
  /// The most that is credited at once, and held against a slip of the hand.
  private static let mostHours = Amount(units: 1 << 50)

  /// At the start, before anything moves. What charges have spent was so before.
  mutating func beginBudgets() throws(LedgerError) {
    try budgets.count(in: state, from: ledger, at: round.at)
    judgeBudgets(isNews: false)
  }

  /// Tells the core whose budgets are spent now. Before what else may let something of theirs start.
  mutating func judgeBudgets(isNews: Bool = true) {
    for (project, spent) in budgets.judge(in: state, at: round.at) {
      let old = state.projects[project]?.spent ?? []
      if isNews, let record = AuditRecord(project, spent: old, now: spent, at: round.at) {
        round.batch.audit.append(record)
      }
      step(.budget(project, spent: spent))
      round.regulated.insert(project)
    }
  }

  /// Once the round is durable.
  ///
  /// - Parameter charges: Those that the ledger did not have before.
  mutating func countBudgets(_ charges: [ChargeRecord]) throws(LedgerError) {
    if budgets.mustCount(after: round.events.compactMap(\.grantee), in: state) {
      try budgets.count(in: state, from: ledger, at: round.at)
    } else {
      budgets.take(charges)
    }
    for cluster in round.settled { budgets.settled(cluster) }
  }

  // MARK: Methods

  func listBudgets(_ request: PageRequest, for caller: Caller) throws(Failure) -> Page<BudgetStatus> {
    try pageOfProjects(request, for: caller) { budget(of: $0.project.name) }
  }

  func budgetStatus(_ name: ProjectName, for caller: Caller) throws(Failure) -> BudgetStatus {
    _ = try project(name, for: caller, method: "budget.get")
    guard let status = budget(of: name) else { throw Self.noBudget(name) }
    return status
  }

  func budget(of name: ProjectName) -> BudgetStatus? { budgets.status(of: name, in: state, at: round.at) }

  private static func noBudget(_ name: ProjectName) -> Failure {
    Failure(
      .notFound,
      "project \(name) has no budget: give it one under 'budget' in projects.yaml, with 'sluice apply'")
  }

  /// - Parameter isDebit: takes it away instead.
  mutating func credit(
    _ request: BudgetChange, isDebit: Bool, by caller: Caller
  ) throws(Failure) -> BudgetStatus {
    let method = isDebit ? "budget.debit" : "budget.credit"
    try check(request, by: caller, method: method)
    guard self.budget(of: request.project) != nil else {
      throw Failure(
        .conflict, "project \(request.project): its budget is just being taken in: try again")
    }
    for (tres, hours) in request.tres {
      let entry = BudgetEntryRecord(
        at: round.at.seconds, project: request.project.text, tres: tres.name, milliHours: hours.milli,
        isDebit: isDebit, who: caller.name, reason: request.reason)
      round.batch.budgetEntries.append(entry)
      budgets.credit(entry)
    }
    round.batch.audit.append(
      AuditRecord(
        at: round.at, who: caller.name, action: method, project: request.project.text,
        to: request.tres.hoursText, reason: request.reason))
    judgeBudgets()
    guard let status = budget(of: request.project) else { throw Self.noBudget(request.project) }
    return status
  }

  private func check(_ request: BudgetChange, by caller: Caller, method: String) throws(Failure) {
    try check(reason: request.reason)
    guard request.reason.contains(where: { !$0.isWhitespace }) else {
      throw Failure(.badParameters, "reason: must say why, for the audit")
    }
    let project = try project(request.project, for: caller, method: method, role: .administrator).project
    guard let budget = project.budget else { throw Self.noBudget(project.name) }
    guard !request.tres.isEmpty else { throw Failure(.badParameters, "tres: at least one must be given") }
    guard budget.period.span(at: round.at.seconds) != nil else {
      throw Failure(
        .conflict, "project \(project.name): its budget is for \(budget.period.text), not for now")
    }
    for (tres, hours) in request.tres {
      guard budget.tres[tres] != nil else {
        throw Failure(.conflict, "tres.\(tres): the budget of \(project.name) has none of it")
      }
      guard hours > .zero, hours <= Self.mostHours else {
        throw Failure(
          .badParameters,
          "tres.\(tres): must be more than 0h, and at most \(Self.mostHours.hoursText(of: tres))")
      }
    }
  }
}

extension AuditRecord {
  /// That other budgets are spent than before; nil when only the numbers are others.
  fileprivate init?(
    _ project: ProjectName, spent old: [SpentBudget], now new: [SpentBudget], at now: Timestamp
  ) {
    guard old.map(\.tres) != new.map(\.tres) else { return nil }
    let names = { (budgets: [SpentBudget]) in
      budgets.isEmpty ? "open" : "spent: " + budgets.map(\.tres.name).joined(separator: ",")
    }
    self.init(
      at: now, who: "sluice", action: "budget", project: project.text, from: names(old), to: names(new),
      reason: new.isEmpty ? nil : new.map { $0.sentence(of: project) }.joined(separator: "; "))
  }
}
