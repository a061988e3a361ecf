internal import CSlurm
internal import Glibc
internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Reads finished work from slurmdbd. Used by one thread at a time.
final class AccountingReader {
  /// How long after a job's end slurmctld may take to queue the message that tells of it, and to save the end: killed
  /// before that, it has the job again, and accounting's record is written over. It saves every 5 s.
  private static let lag: Int64 = 10
  private static let backlogTries = 5
  private static let backlogPause = 0.3

  private let shared: FollowShared
  private let cluster: ClusterName
  private var database: DatabaseConnection?
  /// Good for all that ended before that moment: what a job had, had a name by then.
  private var names: (until: Int64, AccountingNames)?
  private var pager = ChargePager()
  /// Found when nothing waited to be told to slurmdbd; true for good.
  private var settled: Int64?
  /// Of the boot that was settled last.
  private var unended = UnendedJobs()

  init(shared: FollowShared, cluster: ClusterName) {
    self.shared = shared
    self.cluster = cluster
  }

  func page(_ request: ChargesRequest) throws(Failure) -> ChargesPage {
    let cursor = try request.cursor.map { text throws(Failure) in try ChargeCursor(parsing: text) }
    let page: ChargePager.Page?
    do throws(SlurmFault) {
      page = try read(after: cursor, since: request.since, limit: request.limit ?? PageRequest.usual)
    } catch {
      database = nil
      names = nil
      throw error.failure
    }
    guard let page else {
      throw Failure(
        .unavailable, "slurmctld still has to tell slurmdbd of jobs, or does not answer: try again later")
    }
    return ChargesPage(
      cluster: cluster, charges: page.charges, cursor: page.cursor.text, more: page.more)
  }

  private func read(
    after cursor: ChargeCursor?, since: Timestamp?, limit: Int
  ) throws(SlurmFault) -> ChargePager.Page? {
    let database = try connection()
    let source = Source(reader: self, database: database, cluster: cluster)
    return try pager.page(
      after: cursor, from: since?.seconds, limit: limit, of: source, clock: monotonicSeconds)
  }

  private func connection() throws(SlurmFault) -> DatabaseConnection {
    if let database { return database }
    let new = try DatabaseConnection(port: shared.databasePort)
    database = new
    return new
  }

  /// Names for what ended before `end`, which is at most `settled`.
  private func names(until end: Int64, _ database: DatabaseConnection) throws(SlurmFault) -> AccountingNames {
    if let (until, names) = names, end <= until { return names }
    let until = settled ?? end
    let new = AccountingNames(
      table: try TRESTable(from: database), qos: try database.qosNames(),
      parents: shared.state.withLock { $0.search?.parents ?? [:] })
    names = (until, new)
    return new
  }

  /// slurmctld leaves a message in its queue until slurmdbd has taken it: when there is none, all that ended up to then
  /// is in accounting. What it has again since it was killed is known only once its present jobs were read.
  private func settledUntil() -> Int64? {
    for attempt in 0..<Self.backlogTries {
      if attempt > 0 { sleep(seconds: Self.backlogPause) }
      var asked: time_t = 0
      var count: UInt32 = 0
      guard unsafe sluice_accounting_backlog(&asked, &count) == 0 else { break }
      if count == 0, let present = presentJobs() {
        settled = Int64(asked) - Self.lag
        unended = UnendedJobs(present)
        break
      }
    }
    return settled
  }

  /// Nil while those that were read last are of an earlier boot.
  private func presentJobs() -> [SlurmJob]? {
    guard let boot = (try? ControllerConfiguration())?.bootTime else { return nil }
    return shared.state.withLock { $0.configuration?.bootTime == boot ? $0.reading.jobs : nil }
  }

  /// One page's view of slurmdbd.
  private struct Source: ChargeSource {
    let reader: AccountingReader
    let database: DatabaseConnection
    let cluster: ClusterName

    /// What is read from then on has at least what was settled, and is of one moment.
    func settledUntil() -> Int64? {
      let moment = reader.settledUntil()
      database.readAnew()
      return moment
    }

    func open() throws(SlurmFault) -> [StartedRun] { try database.openRuns(cluster: cluster) }

    func ended(in seconds: ClosedRange<Int64>) throws(SlurmFault) -> [EndedRun] {
      let names = try reader.names(until: seconds.upperBound + 1, database)
      return try database.endedRuns(in: seconds, cluster: cluster, names: names, unended: reader.unended)
    }

    func ended(of open: [ChargeCursor.Open]) throws(SlurmFault) -> [EndedRun] {
      let names = try reader.names(until: reader.settled ?? 0, database)
      return try database.endedRuns(of: open, cluster: cluster, names: names, unended: reader.unended)
    }
  }
}
