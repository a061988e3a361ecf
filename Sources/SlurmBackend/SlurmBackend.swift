package import Agent
package import Logging
package import Model
internal import Synchronization
internal import Threads
package import Wire

/// One Slurm cluster, through libslurm: slurmctld for what is, slurmdbd for what shall be.
package final class SlurmBackend: Backend {
  package let cluster: ClusterName
  /// The uid that slurmctld runs as, and so its hooks.
  package let slurmUser: UInt32
  private let shared = FollowShared()
  private let logger: Logger
  private let threads = Mutex(0)
  private let applier: Mutex<LimitApplier>
  private let accounting: Mutex<AccountingReader>

  /// The release of libslurm, such as "22.05.8".
  package static var libraryVersion: String { SlurmLibrary.version }

  /// Checks the configuration and starts libslurm. Reaches for no daemon yet.
  package init(settings: SlurmSettings, logger: Logger) throws(Failure) {
    let found = try ConfigurationCheck.read(settings.slurmConf)
    if let wanted = settings.cluster, wanted != found.cluster {
      throw Failure(
        .badParameters,
        "\(settings.slurmConf): ClusterName is \(found.cluster), but the settings say \(wanted)")
    }
    if settings.probe { try tryConfiguration(at: settings.slurmConf) }
    guard SlurmLibrary.start(configuration: settings.slurmConf, pluginFolders: found.pluginFolders) else {
      throw Failure(.conflict, "libslurm already runs with another slurm.conf in this process")
    }
    cluster = found.cluster
    slurmUser = found.slurmUser
    self.logger = logger
    let shared = shared
    applier = Mutex(LimitApplier(shared: shared, cluster: found.cluster, logger: logger))
    accounting = Mutex(AccountingReader(shared: shared, cluster: found.cluster))
  }

  // MARK: Following

  package func start(publish: @escaping @Sendable (BackendView) -> Void) {
    let (shared, cluster, logger) = (shared, cluster, logger)
    run { Poller(shared: shared).run() }
    run { publishViews(of: shared, cluster: cluster, to: publish) }
    run { Surveyor(shared: shared, cluster: cluster, logger: logger).run() }
  }

  private func run(_ body: @escaping @Sendable () -> Void) {
    threads.withLock { $0 += 1 }
    startThread { [self] in
      body()
      threads.withLock { $0 -= 1 }
    }
  }

  package func stop() {
    shared.close()
    let deadline = monotonicSeconds() + 5
    while threads.withLock({ $0 }) > 0, monotonicSeconds() < deadline { sleep(seconds: 0.02) }
  }

  package func follow(_ accounts: [AccountName]) {
    shared.state.withLock { $0.followed = accounts }
    shared.readLimitsSoon()
    shared.surveySoon()
  }

  package func lookSoon() { shared.pollSoon() }

  // MARK: Writing

  package func apply(_ write: LimitWrite, previousOutcomeUnknown: Bool) -> [LimitOutcome] {
    if previousOutcomeUnknown {
      shared.state.withLock { $0.clock.wroteUnknown(nil, at: monotonicSeconds()) }
    }
    let outcomes = write.changes.isEmpty ? [] : applier.withLock { $0.apply(write) }
    shared.state.withLock { $0.ended = write.number }
    shared.readLimitsSoon()
    shared.surveySoon()
    return outcomes
  }

  // MARK: Asking

  package func clusterDetail() throws(Failure) -> ClusterDetail {
    let now = monotonicSeconds()
    return shared.state.withLock { state in
      let hello = AgentHello(
        cluster: cluster, kind: "slurm", agentVersion: sluiceVersion,
        clusterVersion: state.configuration?.version, libraryVersion: SlurmLibrary.version,
        bootTime: state.configuration?.bootTime,
        capabilities: [AgentHello.limits, "jobs", AgentHello.charges, AgentHello.users],
        voids: state.voids,
        problems: state.problems, lastWrite: state.ended)
      return ClusterDetail(
        hello: hello, age: state.age(at: now), capacity: state.capacity,
        free: state.free, nodes: state.nodes?.counts ?? NodeCounts(total: 0, usable: 0, busy: 0),
        partitions: state.partitions, releases: releases(of: state.reading.jobs))
    }
  }

  package func accounts() throws(Failure) -> [Association] {
    try tree().associations
  }

  package func qos() throws(Failure) -> [QualityOfService] {
    try tree().qos
  }

  package func charges(_ request: ChargesRequest) throws(Failure) -> ChargesPage {
    try accounting.withLock { reader throws(Failure) in try reader.page(request) }
  }

  private func tree() throws(Failure) -> AccountingTree {
    let table = shared.state.withLock { $0.table }
    do throws(SlurmFault) { return try AccountingTree(table: table) } catch { throw error.failure }
  }
}

/// When running jobs are expected to end: the next 100 moments.
private func releases(of jobs: [SlurmJob]) -> [Release] {
  var freed: [Timestamp: TRESAmounts] = [:]
  for job in jobs.lazy.map(\.native) where job.state == .running || job.state == .configuring {
    guard let end = job.endTime else { continue }
    freed[end, default: TRESAmounts()].add(job.allocated)
  }
  return freed.sorted { $0.key < $1.key }.prefix(100).map { Release(at: $0.key, freed: $0.value) }
}
