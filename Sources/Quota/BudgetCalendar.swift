package import Model

/// One period of a budget, in seconds since the epoch.
package struct BudgetSpan: Hashable, Sendable {
  package let start: Int64
  /// The first second after it.
  package let end: Int64
  /// Such as `2026 Q4`.
  package let name: String
}

// Periods begin and end at midnight, UTC.
extension BudgetPeriod {
  private static let day: Int64 = 86_400

  /// The period in which that second lies. Nil where it lies in none: outside of one from a day to another.
  package func span(at second: Int64) -> BudgetSpan? {
    switch self {
    case .every(let unit): return Self.span(of: unit, at: second)
    case .span(let from, let to):
      let span = BudgetSpan(from: from.dayNumber, to: to.dayNumber + 1, name: "\(from) to \(to)")
      return (span.start..<span.end).contains(second) ? span : nil
    }
  }

  package func span(before span: BudgetSpan) -> BudgetSpan? { self.span(at: span.start - 1) }

  /// Where the first period after that second begins; nil when none does.
  package func start(after second: Int64) -> Int64? {
    switch self {
    case .every: span(at: second)?.end
    case .span(let from, _): second < from.dayNumber * Self.day ? from.dayNumber * Self.day : nil
    }
  }

  /// When another period begins, or the present one ends without another; nil when neither comes.
  package func turn(after second: Int64) -> Int64? { span(at: second)?.end ?? start(after: second) }

  private static func span(of unit: Unit, at second: Int64) -> BudgetSpan {
    let number = (second - (second % day + day) % day) / day
    let date = CivilDate(day: number)
    switch unit {
    case .day: return BudgetSpan(from: number, to: number + 1, name: "\(date)")
    case .week:
      // The epoch began on a Thursday.
      let monday = number - ((number + 3) % 7 + 7) % 7
      return BudgetSpan(from: monday, to: monday + 7, name: "the week of \(CivilDate(day: monday))")
    case .month: return months(1, from: date.month, of: date.year, "\(date)".prefix(7))
    case .quarter:
      let quarter = (date.month - 1) / 3
      return months(3, from: 3 * quarter + 1, of: date.year, "\(date.year) Q\(quarter + 1)")
    case .year: return months(12, from: 1, of: date.year, "\(date.year)")
    }
  }

  private static func months(
    _ count: Int64, from month: Int64, of year: Int64, _ name: some StringProtocol
  ) -> BudgetSpan {
    let end = month + count > 12 ? (year + 1, 1) : (year, month + count)
    return BudgetSpan(
      from: CivilDate(year: year, month: month, day: 1).dayNumber,
      to: CivilDate(year: end.0, month: end.1, day: 1).dayNumber, name: String(name))
  }
}

extension BudgetSpan {
  fileprivate init(from first: Int64, to end: Int64, name: String) {
    start = first * 86_400
    self.end = end * 86_400
    self.name = name
  }
}
