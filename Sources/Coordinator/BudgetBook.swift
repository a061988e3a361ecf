internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

/// How the budget of each project that has one stands: what was charged, and what runs holds. Of the ledger's charges it
/// keeps the sums, and counts each once.
struct BudgetBook: Sendable {
  private var accounts: [ProjectName: BudgetAccount] = [:]
  /// The tree as it was when the charges were counted.
  private var tree: [ProjectName: Node] = [:]
  private var running = RunningBook()
  /// Clusters that have told since the start what runs there.
  private var heard: Set<ClusterName> = []
  private var reader = TRESReader()
  /// Whose budgets may stand differently now.
  private var dirty: Set<ProjectName> = []
  /// When a period begins, of any of them; nil while there is none.
  private var nextPeriod: Int64?

  private struct Node: Equatable {
    let parent: ProjectName?
    let budget: Budget?
    let since: Timestamp?

    init?(_ name: ProjectName, in state: State) {
      guard let quota = state.projects[name] else { return nil }
      parent = quota.project.parent
      budget = quota.project.budget
      since = quota.budgetSince
    }
  }

  var mustJudge: Bool { !dirty.isEmpty }

  // MARK: Counting

  /// Whether charges count for others, or in other periods, since these projects changed.
  mutating func mustCount(after changed: [ProjectName], in state: State) -> Bool {
    var isOutdated = false
    for name in changed {
      let new = Node(name, in: state)
      let old = tree[name]
      guard new != old else { continue }
      // One that is new has no charges yet, and one that no budget is above counts for none.
      let counts = new?.budget != nil || isBudgeted(from: old) || (old != nil && isBudgeted(from: new))
      if counts { isOutdated = true } else { tree[name] = new }
    }
    return isOutdated
  }

  /// Whether that project or one above it has a budget, by the tree that was counted.
  private func isBudgeted(from node: Node?) -> Bool {
    var next = node
    for _ in 0..<State.deepestProject {
      guard let node = next else { return false }
      if node.budget != nil { return true }
      next = node.parent.flatMap { tree[$0] }
    }
    return false
  }

  /// Counts all charges that matter anew: at the start, and when the tree or a budget has changed.
  mutating func count(
    in state: State, from ledger: any Ledger, at now: Timestamp
  ) throws(LedgerError) {
    // A project that has no budget any more may still be held for it.
    dirty.formUnion(accounts.keys)
    (accounts, tree) = ([:], [:])
    for name in state.projectNames {
      tree[name] = Node(name, in: state)
      guard let node = tree[name], let budget = node.budget else { continue }
      accounts[name] = BudgetAccount(budget: budget, since: node.since?.seconds ?? 0)
    }
    running.keep(accounts, in: state)
    beginPeriods(at: now)
    guard let first = accounts.values.map({ $0.firstSecond(at: now.seconds) }).min() else { return }
    var book = self
    try ledger.charges(ChargeFilter(since: first, within: .day)) {
      book.charge(to: $0.project, $0.tres, $0.time)
    }
    for entry in try ledger.budgetEntries(since: first) { book.credit(entry) }
    self = book
  }

  /// Charges that are new to the ledger.
  mutating func take(_ charges: [ChargeRecord]) {
    for charge in charges {
      let time = ChargedTime(
        startedAt: charge.startedAt, endedAt: charge.endedAt, seconds: charge.seconds)
      self.charge(to: charge.project, charge.tres, time)
    }
  }

  /// Counts for the project and for all above it.
  private mutating func charge(to project: String?, _ tres: String, _ time: ChargedTime) {
    var next = project.flatMap { try? ProjectName($0) }
    // No tree is deeper than it may be, whatever an old ledger has.
    for _ in 0..<State.deepestProject {
      guard let name = next, let node = tree[name] else { return }
      if node.budget != nil {
        accounts[name]?.charge(reader.amounts(tres), time)
        dirty.insert(name)
      }
      next = node.parent
    }
  }

  mutating func credit(_ entry: BudgetEntryRecord) {
    guard let name = try? ProjectName(entry.project), let tres = try? TRES(entry.tres) else { return }
    accounts[name]?.credit(
      Amount(milli: entry.milliHours), of: tres, isDebit: entry.isDebit, at: entry.at)
    dirty.insert(name)
  }

  // MARK: What runs

  mutating func see(_ view: UsageView, in state: State, at now: Timestamp) {
    if heard.insert(view.cluster).inserted { dirty.formUnion(accounts.keys) }
    for row in view.accounts {
      let owner = state.clusters.read(view.cluster) { $0.projectOfAccount[row.account] } ?? nil
      let account = owner.flatMap { accounts[$0] }
      let hasChanged = running.see(row, of: owner, account, in: view.cluster, at: now)
      if hasChanged, let owner { dirty.insert(owner) }
    }
  }

  mutating func asked(_ cluster: ClusterName, at now: Timestamp) { running.asked(cluster, at: now) }

  /// The cluster's last answer was the last of its round: what had ended before it was asked is charged by now.
  mutating func settled(_ cluster: ClusterName) { dirty.formUnion(running.settled(cluster)) }

  // MARK: Standing

  /// Projects of whose budgets something else is spent now than was last told.
  mutating func judge(in state: State, at now: Timestamp) -> [(project: ProjectName, spent: [SpentBudget])] {
    if let start = nextPeriod, now.seconds >= start { beginPeriods(at: now) }
    guard !dirty.isEmpty else { return [] }
    var changes: [(project: ProjectName, spent: [SpentBudget])] = []
    for name in dirty.sorted() {
      guard let quota = state.projects[name] else { continue }
      let isAllHeard = quota.shares.names.allSatisfy(heard.contains)
      let spent =
        standing(of: name, in: state, at: now)?.spent(asWasKnown: isAllHeard ? [] : quota.spent) ?? []
      if spent != quota.spent { changes.append((name, spent)) }
    }
    dirty = []
    return changes
  }

  private mutating func beginPeriods(at now: Timestamp) {
    let second = now.seconds
    for name in accounts.keys { accounts[name]?.trim(at: second) }
    nextPeriod = accounts.values.compactMap { $0.budget.period.turn(after: second) }.min()
    dirty.formUnion(accounts.keys)
  }

  private func standing(of name: ProjectName, in state: State, at now: Timestamp) -> BudgetStanding? {
    guard let account = accounts[name], let shares = state.projects[name]?.shares else { return nil }
    return account.standing(at: now.seconds) { tres, span in
      running.held(tres, in: span, of: account.budget, by: name, shares)
    }
  }

  /// Nil for a project without a budget.
  func status(of name: ProjectName, in state: State, at now: Timestamp) -> BudgetStatus? {
    guard let budget = accounts[name]?.budget,
      let standing = standing(of: name, in: state, at: now)
    else { return nil }
    return BudgetStatus(
      project: name, period: standing.period,
      since: standing.span.map { Timestamp(seconds: $0.start) },
      until: standing.span.map { Timestamp(seconds: $0.end) }, whenSpent: budget.whenSpent,
      carryover: budget.carryover, tres: standing.lines.map(BudgetTRES.init))
  }
}

extension BudgetTRES {
  fileprivate init(_ line: BudgetLine) {
    self.init(
      tres: line.tres, budget: line.budget.hoursDown, carried: line.carried.hoursDown,
      credited: line.credited.hoursDown, debited: line.debited.hoursDown, charged: line.charged.hoursUp,
      held: line.held.hoursUp, left: line.left.hoursDown, isSpent: line.isSpent,
      runsOut: line.runsOut.map { Timestamp(seconds: $0) })
  }
}
