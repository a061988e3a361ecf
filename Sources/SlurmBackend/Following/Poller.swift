internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Reads slurmctld over and over, on a thread of its own that a hanging controller may hold up.
final class Poller {
  private static let jobsInterval = 0.5
  private static let limitsInterval = 2.0
  private static let nodesInterval = 5.0

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
      if !wakes.isEmpty { nextLimits = 0 }
      do {
        try poll()
        note(problem: nil)
      } catch {
        note(problem: error)
      }
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
  /// they a pair that can be told.
  private func poll() throws(LimitReadFault) {
    let limits = monotonicSeconds() >= nextLimits ? try readLimits() : nil
    let isNew = try asking { () throws(SlurmFault) in try reader.refresh() }
    hasNews = hasNews || isNew
    if limits != nil || hasNews {
      let after = try asking { () throws(SlurmFault) in try ControllerConfiguration() }
      if after.bootTime != limits?.configuration.bootTime ?? boot {
        nextLimits = 0
        throw .restarted
      }
    }
    if let limits { noteBoot(limits.configuration) }
    let haveJobsChanged = try observe()
    commit(limits, haveJobsChanged: haveJobsChanged)
    touch()
  }

  private func asking<Result>(
    _ call: () throws(SlurmFault) -> Result
  ) throws(LimitReadFault) -> Result {
    do throws(SlurmFault) { return try call() } catch { throw .slurm(error) }
  }

  // MARK: Limits

  private struct Limits {
    var configuration: ControllerConfiguration
    var rows: [String: AccountLimits]
    var wanted: [AccountName]
    var applied: WriteNumber?
    var startedAt: Double
  }

  private func readLimits() throws(LimitReadFault) -> Limits {
    let startedAt = monotonicSeconds()
    let (wanted, applied, table) = shared.state.withLock { ($0.followed, $0.ended, $0.table) }
    let configuration = try asking { () throws(SlurmFault) in try ControllerConfiguration() }
    let rows = try readAccountLimits(of: wanted, table: table)
    nextLimits = startedAt + Self.limitsInterval
    return Limits(
      configuration: configuration, rows: rows, wanted: wanted, applied: applied, startedAt: startedAt)
  }

  private func noteBoot(_ configuration: ControllerConfiguration) {
    guard boot != configuration.bootTime else { return }
    if boot != nil {
      // Nodes as they were before, and jobs as of an older clock, count for nothing.
      nextNodes = 0
      hasNews = true
      shared.state.withLock { $0.clock.rebooted(at: monotonicSeconds()) }
    }
    boot = configuration.bootTime
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
    nextNodes = now + Self.nodesInterval
    shared.state.withLock {
      $0.nodes = nodes
      $0.partitions = partitions
    }
    guard let boot, !tracker.vanished.isEmpty else { return }
    tracker.settle(
      nodes: nodes.nodes, expand: nodeNames, bootAge: wallTime().seconds(since: boot), now: now)
  }

  // MARK: What comes of it

  private func commit(_ limits: Limits?, haveJobsChanged: Bool) {
    let jobs = haveJobsChanged ? tracker.merged(with: reader.jobs) : nil
    let unsettled = Array(tracker.vanished.keys)
    let hasChanged = shared.state.withLock { state in
      var hasChanged = haveJobsChanged || state.controllerProblem != nil
      if let limits {
        hasChanged =
          hasChanged || state.reading.limits != limits.rows || state.reading.wanted != limits.wanted
          || state.reading.applied != limits.applied || state.configuration != limits.configuration
        let wasSettled = state.clock.isSettled
        state.clock.read(at: limits.startedAt)
        hasChanged = hasChanged || wasSettled != state.clock.isSettled
        state.reading.limits = limits.rows
        state.reading.wanted = limits.wanted
        state.reading.applied = limits.applied
        state.configuration = limits.configuration
      }
      if let jobs {
        state.reading.jobs = jobs
        state.haveJobsChanged = true
      }
      state.unsettled = unsettled
      if limits != nil || haveJobsChanged { hasChanged = state.judgeVoids() || hasChanged }
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
