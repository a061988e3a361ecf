internal import Model
internal import Wire

/// What the poller has read, what the writer has done, and what a view is made of. Behind one lock.
struct FollowState: Sendable {
  /// Read as a pair: the limits first, the jobs after.
  struct Reading: Sendable {
    var limits: [String: AccountLimits] = [:]
    var wanted: [AccountName] = []
    var jobs: [SlurmJob] = []
    var applied: WriteNumber?
  }

  var followed: [AccountName] = []
  /// Those of them whose voids are known, because the tree was read after they were named. No other is told
  /// of: whoever waits for an account's row may then trust that nothing is known against its limits.
  var surveyed: Set<AccountName> = []
  var reading = Reading()
  /// To be read at the poller's next round, whenever they were read last.
  var areLimitsDue = false
  /// Since the last view that had jobs.
  var haveJobsChanged = false
  /// Of `reading.jobs`.
  var tally = AccountTally()
  var lastAnswer: Double?
  var configuration: ControllerConfiguration?
  var nodes: NodeSummary?
  /// All that the cluster has of each.
  var licenses = TRESAmounts()
  var partitions: [PartitionDetail] = []
  /// Of the accounting tree; nil until it was read once, and until then no answer counts.
  var search: VoidSearch?
  var voids: [LimitVoid] = []
  /// False when something has changed since `voids` were found.
  var areVoidsJudged = true

  /// The last write that has ended.
  var ended: WriteNumber?
  var clock = SettleClock()

  var controllerProblem: String?
  var databaseProblem: String?
  var table = TRESTable()
  var isTableComplete = false

  /// Accounts whose limits grew: one waiting job of each is touched until the moment given.
  var touches: [AccountName: Double] = [:]
  /// Jobs that vanished, and those of them whose end accounting has told since.
  var unsettled: [SlurmJob.Identity] = []
  var endedJobs: Set<SlurmJob.Identity> = []
}

extension FollowState {
  mutating func takeEndedJobs() -> Set<SlurmJob.Identity> {
    defer { endedJobs = [] }
    return endedJobs
  }

  var problems: [ClusterProblem] {
    var problems = [
      controllerProblem.map { ClusterProblem(kind: .controller, message: $0) },
      databaseProblem.map { ClusterProblem(kind: .accounting, message: $0) },
    ].compactMap { $0 }
    if let version = configuration?.version, Self.release(version) != Self.release(SlurmLibrary.version) {
      problems.append(
        ClusterProblem(
          kind: .release,
          message: "libslurm is \(SlurmLibrary.version) but slurmctld is \(version)"))
    }
    return problems
  }

  /// The part of a version that decides about compatibility: `22.05` of `22.05.8`.
  private static func release(_ version: String) -> [Substring] {
    Array(version.split(separator: ".").prefix(2))
  }

  func age(at now: Double) -> Double? { lastAnswer.map { max(0, now - $0) } }

  /// After jobs, wanted accounts or the tree were read. Before the tree is known no count could be told.
  mutating func count() {
    guard let search else { return }
    tally = AccountTally(reading.jobs, parents: search.parents, of: reading.wanted)
    areVoidsJudged = false
  }

  /// Whether jobs name accounts that came after the tree was read.
  var hasStrangers: Bool { search.map { search in !tally.accounts.allSatisfy(search.has) } ?? false }

  /// What usable nodes have that no job holds; jobs that are being cleaned up still hold theirs.
  var free: TRESAmounts {
    guard let nodes else { return TRESAmounts() }
    var free = nodes.capacity
    free.add(licenses)
    free.subtract(tally.held.only(free))
    free[.node] = Amount(units: Int64(nodes.free))
    let left = max(0, (configuration?.mostJobs ?? 0) - tally.listed)
    for tres in [TRES.runningJobs, .submittedJobs] { free[tres] = Amount(units: left) }
    return free
  }

  var capacity: TRESAmounts {
    guard var capacity = nodes?.capacity else { return TRESAmounts() }
    capacity.add(licenses)
    let jobs = Amount(units: configuration?.mostJobs ?? 0)
    for tres in [TRES.runningJobs, .submittedJobs] { capacity[tres] = jobs }
    return capacity
  }

  /// Amounts that slurmctld counts for an account or that its jobs hold, whichever is more.
  func accountUsages() -> [AccountUsage] {
    reading.wanted.filter(surveyed.contains).map { account in
      let sums = tally.sums[account.text] ?? AccountTally.Sums()
      let row = reading.limits[account.text]
      var used = sums.used
      var pending = sums.pending
      if row?.limits[.node] != nil { used[.node] = Self.distinctNodes(sums.nodeLists) }
      if row?.limits[.runningJobs] != nil {
        used[.runningJobs] = Amount(units: Int64(sums.runningJobs))
        pending[.runningJobs] = Amount(units: Int64(sums.pendingJobs))
      }
      return AccountUsage(
        account: account, exists: row != nil, above: row == nil ? [] : above(account),
        limits: row?.limits ?? TRESAmounts(),
        used: used.maximum(row?.used ?? TRESAmounts()), pending: pending,
        runningJobs: sums.runningJobs, pendingJobs: sums.pendingJobs, running: sums.running.time,
        others: tally.others[account.text].map { Array($0.sorted().prefix(AccountUsage.mostOthers)) })
    }
  }

  private func above(_ account: AccountName) -> [AccountName] {
    AccountTally.path(from: account.text, search?.parents ?? [:]).dropFirst().filter { $0 != "root" }
      .compactMap { try? AccountName($0) }
  }

  /// Judges the voids anew if anything has changed. True when they did.
  mutating func judgeVoids() -> Bool {
    guard !areVoidsJudged, let search, let configuration else { return false }
    areVoidsJudged = true
    let found = findVoids(
      enforcesLimits: configuration.enforcesLimits, runsLua: configuration.runsLua, search: search,
      licenses: licenses, partitions: partitions, followed: reading.wanted, rows: reading.limits,
      jobs: tally.using)
    defer { voids = found }
    return voids != found
  }

  private static func distinctNodes(_ lists: Set<String>) -> Amount {
    var names: Set<String> = []
    for list in lists { names.formUnion(nodeNames(in: list)) }
    return Amount(units: Int64(names.count))
  }

  func view(serial: Int64, cluster: ClusterName, at now: Double) -> UsageView {
    UsageView(
      serial: serial, cluster: cluster, bootTime: configuration?.bootTime, age: age(at: now),
      applied: reading.applied, settled: clock.isSettled,
      capacity: capacity, free: free, voids: voids, problems: problems,
      accounts: accountUsages())
  }
}
