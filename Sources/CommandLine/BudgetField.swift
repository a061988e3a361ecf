internal import Model
internal import YAML

/// A project's `budget` in `projects.yaml`.
enum BudgetField {
  static func read(_ value: YAMLValue) throws(YAMLFault) -> Budget {
    var fields = try value.mapping()
    let tres = fields.value("tres")
    let period = fields.value("period")
    let carryover = try fields.text("carryover") ?? "0%"
    let whenSpent = try fields.choice("when_spent", of: WhenSpent.self) ?? .hold
    let weights = fields.value("weights")
    try fields.finish()
    guard let tres else { throw fields.missing("tres") }
    guard let period else { throw fields.missing("period") }
    let hours = try ProjectsFile.amounts(tres, as: Amount.init(parsingHours:of:))
    let factors = try ProjectsFile.amounts(weights, as: Amount.init(parsingWeight:of:))
    let span = try self.span(period)
    let word = span == nil ? try period.text() : ""
    do throws(BudgetError) {
      let percent = try Budget.carryover(parsing: carryover)
      let times = if let span { span } else { try BudgetPeriod(parsing: word) }
      return try Budget(
        tres: hours, period: times, carryover: percent, whenSpent: whenSpent, weights: factors)
    } catch {
      throw YAMLFault(file: value.file, line: value.line, message: "\(value.field).\(error)")
    }
  }

  /// `{from: 2026-01-01, to: 2026-06-30}`; nil for a word.
  private static func span(_ value: YAMLValue) throws(YAMLFault) -> BudgetPeriod? {
    guard case .mapping = value.content else { return nil }
    var fields = try value.mapping()
    let from = try fields.parsed("from", CivilDate.init(parsing:))
    let to = try fields.parsed("to", CivilDate.init(parsing:))
    try fields.finish()
    guard let from else { throw fields.missing("from") }
    guard let to else { throw fields.missing("to") }
    return .span(from: from, to: to)
  }
}
