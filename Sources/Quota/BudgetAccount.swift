package import Model

/// What one project's budget was charged and credited, period by period. It looks back only as far as what is carried over
/// needs.
package struct BudgetAccount: Hashable, Sendable {
  /// So many periods before the present one count for what is carried over.
  private static let reach = 31

  package let budget: Budget
  /// When the project got a budget over such periods: nothing is carried over from before. Seconds since the epoch, as
  /// all times here.
  private let since: Int64
  /// By the start of each.
  private var periods: [Int64: [TRES: Sums]] = [:]

  private struct Sums: Hashable {
    var charged = BudgetTime.zero
    var credited = BudgetTime.zero
    var debited = BudgetTime.zero
  }

  package init(budget: Budget, since: Int64) {
    self.budget = budget
    self.since = since
  }

  /// Charges before that moment count for nothing any more.
  package func firstSecond(at now: Int64) -> Int64 { spans(at: now).first?.start ?? now }

  /// Takes in an allocation that has ended: where a border cuts it, each side gets its part of the time.
  package mutating func charge(_ amounts: TRESAmounts, _ time: ChargedTime) {
    var start = time.startedAt
    while start < time.endedAt {
      guard let span = budget.period.span(at: start) else {
        guard let next = budget.period.start(after: start) else { return }
        start = next
        continue
      }
      let end = min(span.end, time.endedAt)
      let seconds = time.seconds(before: end) - time.seconds(before: start)
      for tres in budget.tres.names where seconds > 0 {
        let used = BudgetTime(budget.weighted(amounts, as: tres), for: seconds)
        guard used > .zero else { continue }
        periods[span.start, default: [:]][tres, default: Sums()].charged += used
      }
      start = end
    }
  }

  /// Counts in the period in which it was made.
  package mutating func credit(_ hours: Amount, of tres: TRES, isDebit: Bool, at moment: Int64) {
    guard budget.tres[tres] != nil, let span = budget.period.span(at: moment) else { return }
    let time = BudgetTime(hours: hours)
    let path: WritableKeyPath<Sums, BudgetTime> = isDebit ? \.debited : \.credited
    periods[span.start, default: [:]][tres, default: Sums()][keyPath: path] += time
  }

  /// Forgets what counts no more.
  package mutating func trim(at now: Int64) {
    let first = firstSecond(at: now)
    periods = periods.filter { $0.key >= first }
  }

  /// The present period and those before it that count, in order; none outside of one from a day to another.
  private func spans(at now: Int64) -> [BudgetSpan] {
    guard let present = budget.period.span(at: now) else { return [] }
    var spans = [present]
    while budget.carryover > 0, spans.count <= Self.reach, let first = spans.last, first.start > since,
      let before = budget.period.span(before: first)
    {
      spans.append(before)
    }
    return spans.reversed()
  }

  /// - Parameter held: What running jobs hold in a period.
  package func standing(at now: Int64, held: (TRES, BudgetSpan) -> BudgetTime) -> BudgetStanding {
    let spans = spans(at: now)
    let lines = budget.tres.map { tres, hours in
      guard let present = spans.last else { return BudgetLine(tres: tres, budget: .zero) }
      var line = BudgetLine(tres: tres, budget: BudgetTime(hours: hours))
      for span in spans {
        let sums = periods[span.start]?[tres] ?? Sums()
        line.charged = sums.charged
        line.credited = sums.credited
        line.debited = sums.debited
        guard span != present else { break }
        // What runs on from then is charged there once it has ended.
        line.carried = min(
          line.total - line.charged - held(tres, span), line.budget.percent(budget.carryover))
      }
      line.held = held(tres, present)
      line.runsOut = line.forecast(at: now, in: present)
      return line
    }
    return BudgetStanding(
      span: spans.last, period: spans.last?.name ?? budget.period.text,
      next: budget.period.start(after: now), lines: lines)
  }
}

/// How a project's budget stands.
package struct BudgetStanding: Hashable, Sendable {
  /// Nil outside of one from a day to another: then there is nothing to be spent.
  package let span: BudgetSpan?
  package let period: String
  /// When the next period begins; nil when there is none.
  package let next: Int64?
  package let lines: [BudgetLine]

  /// - Parameter known: What was spent when all that runs was known. Where it isn't now, what was held then still counts.
  package func spent(asWasKnown known: [SpentBudget] = []) -> [SpentBudget] {
    lines.compactMap { line in
      guard !line.isSpent else { return spent(line) }
      return known.first { old in
        old.tres == line.tres && old.period == period
          && line.charged + BudgetTime(hours: old.held) >= line.total
      }
    }
  }

  private func spent(_ line: BudgetLine) -> SpentBudget {
    SpentBudget(
      tres: line.tres, budget: line.total.hoursDown, charged: line.charged.hoursUp,
      held: line.held.hoursUp, period: period, isCurrent: span != nil,
      renews: next.map { "\(CivilDate(day: $0 / 86_400))" })
  }
}

/// One TRES of it.
package struct BudgetLine: Hashable, Sendable {
  package let tres: TRES
  package let budget: BudgetTime
  package var carried = BudgetTime.zero
  package var credited = BudgetTime.zero
  package var debited = BudgetTime.zero
  package var charged = BudgetTime.zero
  package var held = BudgetTime.zero
  /// When all is used, if it goes on as in this period so far; nil when it lasts.
  package var runsOut: Int64?

  init(tres: TRES, budget: BudgetTime) {
    self.tres = tres
    self.budget = budget
  }

  package var total: BudgetTime { budget + carried + credited - debited }
  package var left: BudgetTime { total - charged - held }
  package var isSpent: Bool { charged + held >= total }

  /// Linear, by what was charged.
  fileprivate func forecast(at now: Int64, in span: BudgetSpan) -> Int64? {
    guard charged < total else { return now }
    guard let seconds = total.seconds(where: charged, took: now - span.start),
      seconds < Double(span.end - span.start)
    else { return nil }
    return span.start + Int64(seconds.rounded(.up))
  }
}
