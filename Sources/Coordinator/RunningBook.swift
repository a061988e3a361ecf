internal import Core
internal import Model
internal import Quota
internal import Wire

/// What running jobs hold of budgets. What ends stays held until it can be charged, so that in between it is never free: until
/// a round of charges that was asked for well after the view without it has come to its end.
///
/// Where in one view one job ends and another begins, what the two differ by counts: the ended one may be let go some
/// seconds too soon.
struct RunningBook: Sendable {
  /// As last told, of all followed accounts in which something runs.
  private var rows: [ClusterName: [AccountName: BudgetHold]] = [:]
  private var ended: [ProjectName: [ClusterName: [Ended]]] = [:]
  /// When each cluster was last asked for charges.
  private var asked: [ClusterName: Timestamp] = [:]

  private struct Ended: Sendable {
    /// A request from then on tells of it.
    var tellable: Timestamp
    /// Of which period.
    let span: BudgetSpan
    var times: [TRES: BudgetTime]
  }

  /// Forgets what is of no budget, or of no project's account, any more.
  mutating func keep(_ accounts: [ProjectName: BudgetAccount], in state: State) {
    ended = ended.filter { accounts[$0.key] != nil }
    for cluster in rows.keys {
      let owners = state.clusters.read(cluster) { $0.projectOfAccount } ?? [:]
      rows[cluster] = rows[cluster]?.filter { owners[$0.key] != nil }
    }
  }

  /// - Parameter account: of the owner's budget, if there is one.
  /// - Returns: whether something else is held now.
  mutating func see(
    _ row: AccountUsage, of owner: ProjectName?, _ account: BudgetAccount?, in cluster: ClusterName,
    at now: Timestamp
  ) -> Bool {
    let old = rows[cluster]?[row.account]
    let new = row.running.map { BudgetHold($0, used: row.used) }
    guard old != new else { return false }
    rows[cluster, default: [:]][row.account] = new
    if let owner, let account, let old, let span = account.budget.period.span(at: now.seconds) {
      let budget = account.budget
      let times = budget.tres.names.map { tres in
        (
          tres,
          old.time(of: tres, in: span, of: budget) - (new?.time(of: tres, in: span, of: budget) ?? .zero)
        )
      }
      end(times.filter { $0.1 > .zero }, in: span, of: owner, in: cluster, at: now)
    }
    return true
  }

  private mutating func end(
    _ times: [(TRES, BudgetTime)], in span: BudgetSpan, of owner: ProjectName, in cluster: ClusterName,
    at now: Timestamp
  ) {
    guard !times.isEmpty else { return }
    let tellable = now.advanced(bySeconds: ChargeRounds.settlingTime)
    var list = ended[owner]?[cluster] ?? []
    // No more than two of a period: while no round comes to its end, what ends later is let go with what ended before it.
    if list.count > 1, list[list.count - 1].span == span {
      list[list.count - 1].tellable = tellable
    } else {
      list.append(Ended(tellable: tellable, span: span, times: [:]))
    }
    for (tres, time) in times { list[list.count - 1].times[tres, default: .zero] += time }
    ended[owner, default: [:]][cluster] = list
  }

  mutating func asked(_ cluster: ClusterName, at now: Timestamp) { asked[cluster] = now }

  /// Returns whose budgets hold less now.
  mutating func settled(_ cluster: ClusterName) -> [ProjectName] {
    guard let asked = asked[cluster] else { return [] }
    var changed: [ProjectName] = []
    for owner in ended.keys {
      guard let list = ended[owner]?[cluster] else { continue }
      let rest = list.filter { $0.tellable > asked }
      guard rest.count < list.count else { continue }
      ended[owner]?[cluster] = rest.isEmpty ? nil : rest
      changed.append(owner)
    }
    ended = ended.filter { !$0.value.isEmpty }
    return changed
  }

  func held(
    _ tres: TRES, in span: BudgetSpan, of budget: Budget, by owner: ProjectName,
    _ shares: NameMap<ClusterTag, Share>
  ) -> BudgetTime {
    var sum = BudgetTime.zero
    for (cluster, share) in shares {
      if let hold = rows[cluster]?[share.account] { sum += hold.time(of: tres, in: span, of: budget) }
      for part in ended[owner]?[cluster] ?? [] where part.span == span { sum += part.times[tres] ?? .zero }
    }
    return sum
  }
}

extension BudgetHold {
  fileprivate init(_ running: RunningTime, used: TRESAmounts) {
    self.init(
      base: running.base.seconds, used: used, started: running.started, ending: running.ending)
  }
}
