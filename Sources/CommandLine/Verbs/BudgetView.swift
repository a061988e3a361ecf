internal import Model
internal import Wire

/// One TRES of one project's budget: a row of `budget list`.
struct BudgetRow: Sendable {
  let status: BudgetStatus
  let line: BudgetTRES

  static func rows(_ statuses: [BudgetStatus]) -> [BudgetRow] {
    statuses.flatMap { status in status.tres.map { BudgetRow(status: status, line: $0) } }
  }

  func text(_ amount: Amount) -> String { amount.text(of: line.tres) }
}

enum BudgetView {
  static func list(_ statuses: [BudgetStatus], _ style: Style) -> [String] {
    Table.lines(BudgetRow.rows(statuses), columns, style)
  }

  private static let columns: [Column<BudgetRow>] = [
    .text("PROJECT") { $0.status.project.text },
    .text("PERIOD") { $0.status.period },
    .text("TRES") { $0.line.tres.name },
    .text("BUDGET", .right) { $0.text($0.line.budget) },
    .text("CARRIED", .right) { $0.text($0.line.carried) },
    .text("CREDITED", .right) { $0.text($0.line.credited) },
    .text("DEBITED", .right) { $0.text($0.line.debited) },
    .text("CHARGED", .right) { $0.text($0.line.charged) },
    .text("HELD", .right) { $0.text($0.line.held) },
    .text("LEFT", .right, tone: { $0.line.isSpent ? .bad : .plain }) { $0.text($0.line.left) },
    .text("FORECAST", tone: { $0.line.runsOut == nil ? .plain : .busy }, forecast),
    .text("WHEN SPENT", .left, .wide) { $0.status.whenSpent.rawValue },
    .text("CARRYOVER", .right, .wide) { "\($0.status.carryover)%" },
    .text("UNTIL", .left, .wide) { $0.status.until?.iso8601 ?? "-" },
    .bar("USE") {
      let used = $0.line.charged + $0.line.held
      return Bar(used: $0.line.charged, inForce: used, cap: $0.line.left + used)
    },
  ]

  @Sendable private static func forecast(_ row: BudgetRow) -> String {
    if row.line.isSpent { return "spent" }
    guard let moment = row.line.runsOut else { return "lasts" }
    return String(moment.iso8601.prefix(10))
  }
}
