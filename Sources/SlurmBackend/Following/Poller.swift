internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Reads slurmctld over and over, on a thread of its own that a hanging controller may hold up.
final class Poller {
  private static let jobsInterval = 0.5
  private static let limitsInterval = 2.0
  private static let nodesInterval = 5.0
  /// After a round that a notice asked for: they come as fast as jobs begin and end.
  private static let noticePause = 0.05

  private let shared: FollowShared
  private var reader = JobReader()
  private var tracker = JobTracker()
  private var toucher = Toucher()
  private var boot: Timestamp?
  private var nextLimits = 0.0
  private var nextNodes = 0.0
  /// `reader` has jobs that the tracker has not been shown.
  private var hasNews = true

  init(shared: FollowShared) { self.shared = shared }

  /// Returns once `shared` is closed.
  func run() {
    while let wakes = shared.pollerWakes.take(atMost: 1, waiting: Self.jobsInterval) {
      let areLimitsDue = shared.state.withLock { state in
        defer { state.areLimitsDue = false }
        return state.areLimitsDue
      }
      if areLimitsDue { nextLimits = 0 }
      do {
        try poll()
        note(problem: nil)
      } catch {
        note(problem: error)
      }
      if !wakes.isEmpty, !areLimitsDue { sleep(seconds: Self.noticePause) }
    }
  }

  private func note(problem fault: LimitReadFault?) {
    // After a restart the next round follows at once.
    if case .restarted = fault { return shared.readLimitsSoon() }
    let hasChanged = shared.state.withLock { state in
      defer { state.controllerProblem = fault?.description }
      return state.controllerProblem != fault?.description
    }
    if hasChanged { shared.publishSoon() }
  }

  /// One round. Limits are read first and jobs after, and both within one boot of slurmctld: only then are
  /// they a pair that can be told. That it is the same boot before and after is enough, and before it is known
  /// from the round before.
  private func poll() throws(LimitReadFault) {
    if boot == nil { noteBoot(try configuration().bootTime) }
    let limits = monotonicSeconds() >= nextLimits ? try readLimits() : nil
    let isNew = try asking { () throws(SlurmFault) in
      try shared.largeAnswer.withLock { _ throws(SlurmFault) in try reader.refresh() }
    }
    hasNews = hasNews || isNew
    var after: ControllerConfiguration?
    if limits != nil || hasNews {
      let read = try configuration()
      after = read
      if noteBoot(read.bootTime) { throw .restarted }
    }
    let haveJobsChanged = try observe()
    commit(limits, after, haveJobsChanged: haveJobsChanged)
    touch()
  }

  private func configuration() throws(LimitReadFault) -> ControllerConfiguration {
    try asking { () throws(SlurmFault) in try ControllerConfiguration() }
  }

  private func asking<Result>(
    _ call: () throws(SlurmFault) -> Result
  ) throws(LimitReadFault) -> Result {
    do throws(SlurmFault) { return try call() } catch { throw .slurm(error) }
  }

  // MARK: Limits

  private struct Limits {
    var rows: [String: AccountLimits]
    var wanted: [AccountName]
    var applied: WriteNumber?
    var startedAt: Double
  }

  private func readLimits() throws(LimitReadFault) -> Limits {
    let startedAt = monotonicSeconds()
    let (wanted, applied, table) = shared.state.withLock { ($0.followed, $0.ended, $0.table) }
    let rows = try readAccountLimits(of: wanted, users: [], table: table)
    nextLimits = startedAt + Self.limitsInterval
    return Limits(rows: rows, wanted: wanted, applied: applied, startedAt: startedAt)
  }

  /// True when it is another than the last.
  @discardableResult
  private func noteBoot(_ bootTime: Timestamp) -> Bool {
    guard boot != bootTime else { return false }
    // Limits and nodes as they were before, and jobs as of an older clock, count for nothing.
    nextLimits = 0
    nextNodes = 0
    hasNews = true
    boot = bootTime
    return true
  }

  // MARK: Jobs and nodes

  /// True when the jobs to tell have changed.
  private func observe() throws(LimitReadFault) -> Bool {
    let now = monotonicSeconds()
    let before = Set(tracker.vanished.keys)
    if hasNews { tracker.observe(reader.jobs, boot: boot, now: now) }
    for identity in shared.state.withLock({ $0.takeEndedJobs() }) { tracker.settle(identity) }
    if now >= nextNodes { try readNodes(now) }
    let haveChanged = hasNews || before != Set(tracker.vanished.keys)
    hasNews = false
    return haveChanged
  }

  private func readNodes(_ now: Double) throws(LimitReadFault) {
    let nodes = try asking { () throws(SlurmFault) in try NodeSummary() }
    let partitions = try asking { () throws(SlurmFault) in try readPartitions() }
    let licenses = try asking { () throws(SlurmFault) in try readLicenses() }
    nextNodes = now + Self.nodesInterval
    // Submissions wait for that lock.
    let alike = partitions.nodes(nodes)
    shared.nodes.withLock { $0 = alike }
    let details = partitions.map(\.detail)
    shared.state.withLock { state in
      state.nodes = nodes
      let known = state.table.known(licenses)
      if state.partitions != details || state.licenses != known { state.areVoidsJudged = false }
      state.licenses = known
      state.partitions = details
    }
    guard let boot, !tracker.vanished.isEmpty else { return }
    tracker.settle(
      nodes: nodes.nodes, expand: nodeNames, bootAge: wallTime().seconds(since: boot), now: now)
  }

  // MARK: What comes of it

  private func commit(_ limits: Limits?, _ configuration: ControllerConfiguration?, haveJobsChanged: Bool) {
    let jobs = haveJobsChanged ? tracker.merged(with: reader.jobs) : nil
    let unsettled = Array(tracker.vanished.keys)
    let hasChanged = shared.state.withLock { state in
      var hasChanged = haveJobsChanged || state.controllerProblem != nil
      var mustCount = jobs != nil
      if let limits {
        mustCount = mustCount || state.reading.wanted != limits.wanted
        if state.reading.limits != limits.rows {
          state.areVoidsJudged = false
          hasChanged = true
        }
        hasChanged = hasChanged || mustCount || state.reading.applied != limits.applied
        let wasSettled = state.clock.isSettled
        state.clock.shown(limits.rows, of: limits.wanted)
        state.clock.read(at: limits.startedAt)
        hasChanged = hasChanged || wasSettled != state.clock.isSettled
        state.reading.limits = limits.rows
        state.reading.wanted = limits.wanted
        state.reading.applied = limits.applied
      }
      if let configuration, state.configuration != configuration {
        state.configuration = configuration
        state.areVoidsJudged = false
        hasChanged = true
      }
      if let jobs {
        state.reading.jobs = jobs
        state.haveJobsChanged = true
      }
      state.unsettled = unsettled
      if mustCount { state.count() }
      hasChanged = state.judgeVoids() || hasChanged
      if state.search != nil { state.lastAnswer = monotonicSeconds() }
      return hasChanged
    }
    if hasChanged { shared.publishSoon() }
  }

  private func touch() {
    let (wanted, parents) = shared.state.withLock { ($0.touches, $0.search?.parents ?? [:]) }
    guard !wanted.isEmpty else { return }
    let done = toucher.touch(wanted, jobs: reader.jobs, parents: parents, now: monotonicSeconds())
    // A write since then has set a later moment: that one stays.
    shared.state.withLock { state in
      for account in done where state.touches[account] == wanted[account] { state.touches[account] = nil }
    }
  }
}
