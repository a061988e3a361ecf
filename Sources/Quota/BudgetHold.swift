package import Model

/// What one account's running jobs hold: from their starts to the ends of their time limits, told as sums, so that it can be
/// cut at a period's borders. All times count from `base`.
package struct BudgetHold: Hashable, Sendable {
  /// In seconds since the epoch.
  package var base: Int64
  /// What they have now.
  package var used: TRESAmounts
  /// Of each job, what it has times the hours from `base` to its start; and to the end of its limit.
  package var started: TRESAmounts
  package var ending: TRESAmounts

  package init(base: Int64, used: TRESAmounts, started: TRESAmounts, ending: TRESAmounts) {
    self.base = base
    self.used = used
    self.started = started
    self.ending = ending
  }

  /// At most what they may use of `tres` within `span`: a little too much where some of them are all outside of it, and never
  /// too little.
  package func time(of tres: TRES, in span: BudgetSpan, of budget: Budget) -> BudgetTime {
    // Jobs that share a node are counted one by one here, and once in what is used.
    guard tres != .node else {
      return BudgetTime(hours: budget.weighted(ending, as: tres))
        - BudgetTime(hours: budget.weighted(started, as: tres))
    }
    let rate = budget.weighted(used, as: tres)
    let end = min(
      BudgetTime(hours: budget.weighted(ending, as: tres)), BudgetTime(rate, for: span.end - base))
    let start = max(
      BudgetTime(hours: budget.weighted(started, as: tres)), BudgetTime(rate, for: span.start - base))
    return end - start
  }
}
