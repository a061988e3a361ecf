package import Model

/// `budget.list`, `budget.get`, and the answer of `budget.credit` and `budget.debit`: a budget in its present period.
package struct BudgetStatus: Codable, Hashable, Sendable {
  package var project: ProjectName
  /// Such as `2026 Q4`.
  package var period: String
  /// Nil outside of a period from one day to another: then there is no budget.
  package var since: Timestamp?
  /// The first moment after it.
  package var until: Timestamp?
  package var whenSpent: WhenSpent
  package var carryover: Int
  package var tres: [BudgetTRES]

  package init(
    project: ProjectName, period: String, since: Timestamp?, until: Timestamp?, whenSpent: WhenSpent,
    carryover: Int, tres: [BudgetTRES]
  ) {
    self.project = project
    self.period = period
    self.since = since
    self.until = until
    self.whenSpent = whenSpent
    self.carryover = carryover
    self.tres = tres
  }
}

/// One TRES of it. Amounts are in TRES-hours, weighted.
package struct BudgetTRES: Codable, Hashable, Sendable {
  package var tres: TRES
  package var budget: Amount
  package var carried: Amount
  package var credited: Amount
  package var debited: Amount
  /// By work that has ended.
  package var charged: Amount
  /// At most, for what runs.
  package var held: Amount
  package var left: Amount
  package var isSpent: Bool
  /// When all is charged, if it goes on as in this period so far; nil when it lasts.
  package var runsOut: Timestamp?

  package init(
    tres: TRES, budget: Amount, carried: Amount = .zero, credited: Amount = .zero, debited: Amount = .zero,
    charged: Amount = .zero, held: Amount = .zero, left: Amount, isSpent: Bool = false,
    runsOut: Timestamp? = nil
  ) {
    self.tres = tres
    self.budget = budget
    self.carried = carried
    self.credited = credited
    self.debited = debited
    self.charged = charged
    self.held = held
    self.left = left
    self.isSpent = isSpent
    self.runsOut = runsOut
  }
}

/// `budget.credit` and `budget.debit`. It counts in the present period.
package struct BudgetChange: Codable, Hashable, Sendable {
  package var project: ProjectName
  /// In TRES-hours.
  package var tres: TRESAmounts
  package var reason: String

  package init(project: ProjectName, tres: TRESAmounts, reason: String) {
    self.project = project
    self.tres = tres
    self.reason = reason
  }
}
