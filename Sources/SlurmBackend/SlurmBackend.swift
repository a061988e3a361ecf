package import Agent
internal import CSlurm
internal import Glibc
package import Logging
package import Model
internal import Synchronization
package import Wire

/// A Slurm cluster, through libslurm in this process.
package final class SlurmBackend: Backend {
  package let cluster: ClusterName
  private let logger: Logger
  private let writer: LimitWriter
  private let parts = Mutex<Parts?>(nil)

  private struct Parts: Sendable {
    let publisher: Publisher
    let poller: ControllerPoller
  }

  /// The release of libslurm that this is linked with, such as "22.05.8".
  package static var libraryVersion: String { releaseText(slurm_api_version()) }

  /// Checks the configuration, and makes libslurm read it. Nothing is asked of the cluster yet.
  ///
  /// - Throws: `.unavailable`, naming file and line, when libslurm could not work with the configuration.
  package init(settings: SlurmSettings, logger: Logger) throws(Failure) {
    guard let name = settings.cluster else { throw Failure(.badParameters, "cluster") }
    cluster = name
    unsafe setenv("SLURM_CONF", settings.slurmConf, 1)
    slurm_init(nil)
    self.logger = logger
    writer = LimitWriter(cluster: cluster, logger: logger)
  }

  package func start(publish: @escaping @Sendable (BackendView) -> Void) {
    let publisher = Publisher(cluster: cluster, problems: Self.problems, publish: publish)
    let poller = ControllerPoller(publisher: publisher, logger: logger)
    parts.withLock { $0 = Parts(publisher: publisher, poller: poller) }
    publisher.start()
    poller.start()
  }

  package func stop() {
    guard let parts = parts.withLock({ $0 }) else { return }
    parts.poller.stop()
    parts.publisher.stop()
  }

  package func follow(_ accounts: [AccountName]) {
    guard let poller = parts.withLock({ $0?.poller }) else { return }
    poller.wishes.withLock { $0.followed = accounts }
    poller.kick()
  }

  private static func problems(_ configuration: ControllerCalls.Configuration?) -> [String] {
    guard let configuration else { return [] }
    let mine = libraryVersion
    let isSame = configuration.release.split(separator: ".").prefix(2) == mine.split(separator: ".").prefix(2)
    return isSame
      ? []
      : ["slurmctld is of release \(configuration.release), this agent's libslurm of \(mine): use the same"]
  }
}

// Limits.
extension SlurmBackend {
  /// For how long after a growth a job that waits for it is looked for.
  private static let wakeTime: Duration = .seconds(6)

  package func apply(_ write: LimitWrite, previousOutcomeUnknown: Bool) -> [LimitOutcome] {
    guard let parts = parts.withLock({ $0 }) else { return [] }
    let poller = parts.poller
    let accounts = write.changes.map(\.account)
    if previousOutcomeUnknown {
      poller.wishes.withLock {
        $0.settling.wroteUnknown(accounts, at: Timestamp(milliseconds: SlurmTime.now()))
      }
    }
    let before = Dictionary(parts.publisher.last.accounts.map { ($0.account, $0.limits) }) { first, _ in first
    }
    let outcomes = writer.apply(write.changes)
    let now = Timestamp(milliseconds: SlurmTime.now())
    poller.wishes.withLock { wishes in
      let unknown = outcomes.filter { $0.outcome == .unknown }.map(\.account)
      let confirmed = outcomes.filter { $0.outcome == .confirmed }.map(\.account)
      if !unknown.isEmpty { wishes.settling.wroteUnknown(unknown, at: now) }
      if !confirmed.isEmpty { wishes.settling.confirmed(confirmed, at: now) }
      wishes.ended = write.number
      for change in write.changes where change.grows(from: before[change.account]) {
        wishes.wakes[change.account] = .now + Self.wakeTime
      }
    }
    poller.kick()
    return outcomes
  }
}

extension LimitChange {
  fileprivate func grows(from old: TRESAmounts?) -> Bool {
    limits.contains { tres, amount in amount > (old?[tres] ?? .zero) }
  }
}

/// What the agent's settings say about Slurm.
package struct SlurmSettings: Sendable {
  package var slurmConf: String
  /// Checked against the configuration's ClusterName; taken from there when nil.
  package var cluster: ClusterName?
  /// The command that tries the configuration in a process of its own, because libslurm ends the process on
  /// one that it can't use; not tried when nil.
  package var probe: [String]?

  package init(slurmConf: String, cluster: ClusterName? = nil, probe: [String]? = nil) {
    self.slurmConf = slurmConf
    self.cluster = cluster
    self.probe = probe
  }
}

extension SlurmBackend {
  package func clusterDetail() throws(Failure) -> ClusterDetail { throw Failure(.unavailable, "later") }
  package func accounts() throws(Failure) -> [Association] { [] }
  package func qos() throws(Failure) -> [QualityOfService] { [] }
  package func jobs(_ request: JobsRequest) throws(Failure) -> [NativeJob] { [] }
}
struct SettleClock: Sendable {
  mutating func wroteUnknown(_ a: [AccountName], at: Timestamp) {}
  mutating func confirmed(_ a: [AccountName], at: Timestamp) {}
  func isSettled(at: Timestamp) -> Bool { true }
}
struct JobTracker: Sendable {
  var unsettled: [NativeJob] = []
  mutating func observe(_ j: [NativeJob], boot: Timestamp?, at: Timestamp) -> [NativeJob] { j }
  mutating func nodesFree(_ f: (String) -> Bool, at: Timestamp) {}
}
enum Voids { static func find(enforcesLimits: Bool, trackedTRES: [String], associations: [Association], qos: [QualityOfService], partitions: [PartitionDetail], followed: [AccountName], limits: [AccountName: TRESAmounts]) -> [LimitVoid] { [] } }
extension ControllerCalls { static func associationTree() throws(SlurmFault) -> (associations: [Association], qos: [QualityOfService]) { ([], []) } }
