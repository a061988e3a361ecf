internal import Logging
internal import Model
internal import Synchronization
internal import Wire

/// What one poll found, ready to be made a view.
struct PollResult: Sendable {
  var configuration: ControllerCalls.Configuration?
  var applied: WriteNumber?
  var isSettled = true
  var accounts: [AccountUsage] = []
  var nodes = NodeView()
  var partitions: [PartitionDetail] = []
  var voids: [LimitVoid] = []
  /// nil when they are as in the poll before.
  var jobs: [NativeJob]?
  /// Why slurmctld could not be read; all else is as it was then.
  var fault: String?
}

/// The state of the poller's thread: what was read, and when.
struct ControllerPoll {
  private let logger: Logger
  private let clock = ContinuousClock()
  private var configuration: ControllerCalls.Configuration?
  private var configurationTime = 0
  private var readings: [AccountName: AccountReading] = [:]
  private var followed: [AccountName] = []
  private var applied: WriteNumber?
  private var limitsAt: ContinuousClock.Instant?
  private var jobs: [NativeJob] = []
  private var rawJobs: [NativeJob] = []
  private var jobsTime = 0
  private var nodes = NodeView()
  private var nodesTime = 0
  private var nodesAt: ContinuousClock.Instant?
  private var partitions: [PartitionDetail] = []
  private var parents: [String: String] = [:]
  private var voids: [LimitVoid] = []
  private var judgedAt: ContinuousClock.Instant?
  private var judged: [AccountName] = []
  private var tracker = JobTracker()
  private var touch = SchedulerTouch()

  init(logger: Logger) { self.logger = logger }

  func hasLimits(olderThan seconds: Double) -> Bool { isOlder(limitsAt, than: seconds) }
  func hasNodes(olderThan seconds: Double) -> Bool { isOlder(nodesAt, than: seconds) }
  mutating func forgetLimits() { limitsAt = nil }
  mutating func forgetNodes() { nodesAt = nil }

  private func isOlder(_ time: ContinuousClock.Instant?, than seconds: Double) -> Bool {
    time.map { clock.now - $0 > .seconds(seconds) } ?? true
  }

  /// Reads what is due. After a fault, the next poll reads the limits anew.
  mutating func run(wishes: borrowing Mutex<ControllerPoller.Wishes>) -> PollResult {
    var result = PollResult()
    do {
      try readConfiguration()
      if limitsAt == nil { try readLimits(wishes) }
      let isFreshReading = limitsAt.map { clock.now - $0 < .milliseconds(400) } ?? false
      result.jobs = try readJobs()
      if nodesAt == nil { try readNodes() }
      settleVanished()
      judge()
      result.accounts = rows(countingReadings: isFreshReading)
      touch.run(on: jobs, wishes: wishes, logger: logger)
    } catch {
      result.fault = error.description
      limitsAt = nil
      configurationTime = 0
    }
    let now = Timestamp(milliseconds: SlurmTime.now())
    result.isSettled = wishes.withLock { $0.settling.isSettled(at: now) }
    result.configuration = configuration
    result.applied = applied
    result.nodes = nodes
    result.partitions = partitions
    result.voids = voids
    return result
  }

  private mutating func readConfiguration() throws(SlurmFault) {
    let answer = try ControllerCalls.configuration(since: configurationTime)
    configurationTime = answer.time
    guard let new = answer.conf else { return }
    if new.bootTime != configuration?.bootTime {
      // What was read before is of another life of the controller.
      limitsAt = nil
      jobsTime = 0
      nodesTime = 0
      nodesAt = nil
      if configuration != nil { logger.notice("slurmctld has started anew") }
    }
    configuration = new
  }

  private mutating func readLimits(_ wishes: borrowing Mutex<ControllerPoller.Wishes>) throws(SlurmFault) {
    let wish = wishes.withLock { ($0.followed, $0.ended) }
    let new = try ControllerCalls.readings(of: wish.0)
    let before = configuration?.bootTime
    try readConfiguration()
    // Read in one life, to be shown in the next: once more.
    guard configuration?.bootTime == before else { return try readLimits(wishes) }
    readings = new
    followed = wish.0
    applied = wish.1
    limitsAt = clock.now
  }

  /// The new list; nil when it is as it was.
  private mutating func readJobs() throws(SlurmFault) -> [NativeJob]? {
    let answer = try ControllerCalls.jobs(since: jobsTime)
    jobsTime = answer.time
    if let list = answer.jobs { rawJobs = list }
    guard answer.jobs != nil || !tracker.unsettled.isEmpty else { return nil }
    let now = Timestamp(milliseconds: SlurmTime.now())
    let new = tracker.observe(rawJobs, boot: configuration?.bootTime, at: now)
    guard new != jobs else { return nil }
    jobs = new
    return new
  }

  private mutating func readNodes() throws(SlurmFault) {
    let answer = try ControllerCalls.nodes(since: nodesTime)
    nodesTime = answer.time
    if let view = answer.nodes { nodes = view }
    partitions = try ControllerCalls.partitions()
    nodesAt = clock.now
  }

  /// Vanished jobs are settled by nodes that have nothing to do, or by accounting.
  private mutating func settleVanished() {
    guard !tracker.unsettled.isEmpty else { return }
    // The next poll reads the nodes anew, for as long as a job is in doubt.
    nodesAt = nil
    let busy = nodes.busy
    let now = Timestamp(milliseconds: SlurmTime.now())
    tracker.nodesFree({ list in HostList.names(list).allSatisfy { !busy.contains($0) } }, at: now)
  }

  private mutating func judge() {
    guard let configuration, isOlder(judgedAt, than: 3) || judged != followed,
      let tree = try? ControllerCalls.associationTree()
    else { return }
    judgedAt = clock.now
    judged = followed
    parents = Dictionary(
      tree.associations.filter { $0.user == nil }.compactMap { row in row.parent.map { (row.account, $0) } }
    ) { first, _ in first }
    let limits = Dictionary(readings.map { ($0.key, $0.value.limits) }) { first, _ in first }
    voids = Voids.find(
      enforcesLimits: configuration.enforcesLimits, trackedTRES: configuration.trackedTRES,
      associations: tree.associations, qos: tree.qos, partitions: partitions, followed: followed,
      limits: limits)
  }

  private func rows(countingReadings: Bool) -> [AccountUsage] {
    let sums = AccountSums.of(jobs, followed: followed, parents: parents)
    return followed.map { account in
      let reading = readings[account]
      let sum = sums[account] ?? AccountSums()
      let counted = countingReadings ? reading?.used ?? TRESAmounts() : TRESAmounts()
      return AccountUsage(
        account: account, exists: reading != nil, limits: reading?.limits ?? TRESAmounts(),
        used: sum.used.maximum(counted), pending: sum.pending, runningJobs: sum.running,
        pendingJobs: sum.waiting)
    }
  }
}
