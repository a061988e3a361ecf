internal import Logging
internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Looks at what changes seldom, on a thread of its own: the accounting tree and what in it voids limits;
/// and asks slurmdbd for TRES numbers and for jobs that vanished.
final class Surveyor {
  private static let shortestPause = 3.0
  /// Of the time that slurmctld is kept busy by it, this many times is left between two readings.
  private static let restFactor = 20.0
  /// The whole tree is read so often; in between, only what the followed accounts reach.
  private static let wholeInterval = 60.0
  private static let shortestBackOff = 2.0
  private static let longestBackOff = 60.0

  private let shared: FollowShared
  private let cluster: ClusterName
  private let logger: Logger
  private var nextTree = 0.0
  private var lastWhole = -wholeInterval
  private var hasReadWhole = false
  private var nextDatabase = 0.0
  private var backOff = shortestBackOff
  private var database: DatabaseConnection?

  init(shared: FollowShared, cluster: ClusterName, logger: Logger) {
    self.shared = shared
    self.cluster = cluster
    self.logger = logger
  }

  func run() {
    var wakes: [Void]? = []
    while let rung = wakes {
      // Not at once: others wait for what was read.
      if hasReadWhole { SlurmLibrary.returnMemory() }
      hasReadWhole = false
      if !rung.isEmpty { nextTree = 0 }
      if monotonicSeconds() >= nextTree { readTree() }
      if monotonicSeconds() >= nextDatabase { askDatabase() }
      wakes = shared.surveyorWakes.take(atMost: 1, waiting: 1)
    }
  }

  private func readTree() {
    let startedAt = monotonicSeconds()
    nextTree = startedAt + Self.shortestPause
    let (table, isTableComplete, followed, search) = shared.state.withLock {
      ($0.table, $0.isTableComplete, $0.followed, $0.search)
    }
    // A QOS's limit by an unknown number would be overlooked: slurmdbd has to be asked first.
    guard isTableComplete else { return }
    let names = search.flatMap { namesToRead(followed, in: $0, now: startedAt) }
    // What slurmctld doesn't answer is the poller's to tell.
    guard let new = try? shared.largeAnswer.withLock({ _ in try read(names, search, table) }) else { return }
    let now = monotonicSeconds()
    if names == nil {
      lastWhole = now
      hasReadWhole = true
    }
    nextTree = now + max(Self.shortestPause, (now - startedAt) * Self.restFactor)
    let (isNews, haveChanged) = shared.state.withLock { state in
      let isNews = state.search == nil || state.surveyed != Set(followed)
      let haveMoved = state.search?.parents != new.parents
      state.search = new
      state.surveyed = Set(followed)
      state.areVoidsJudged = false
      if haveMoved { state.count() }
      return (isNews, state.judgeVoids())
    }
    if isNews { shared.readLimitsSoon() }
    if haveChanged { shared.publishSoon() }
  }

  /// The accounts to read anew; nil for the whole tree. An account that is followed from now on may have some
  /// below it that came after the whole was read.
  private func namesToRead(_ followed: [AccountName], in search: VoidSearch, now: Double) -> [String]? {
    let accounts = followed.filter { !$0.isOfUser }
    let isWholeOld = shared.state.withLock { $0.hasStrangers || !$0.surveyed.isSuperset(of: accounts) }
    guard now < lastWhole + (isWholeOld ? Self.shortestPause : Self.wholeInterval) else { return nil }
    let names = search.subtree(of: accounts.map(\.text))
    return isWorthNaming(names.count) ? names : nil
  }

  private func read(
    _ names: [String]?, _ search: VoidSearch?, _ table: TRESTable
  ) throws(SlurmFault) -> VoidSearch {
    guard let names, var search else { return VoidSearch(try TreeSketch(of: nil, table: table)) }
    if !names.isEmpty { search.update(names, from: try TreeSketch(of: names, table: table)) }
    return search
  }

  // MARK: slurmdbd

  private func askDatabase() {
    let (isTableComplete, unsettled, isInDoubt) = shared.state.withLock {
      ($0.isTableComplete, $0.unsettled, !$0.clock.isSettled)
    }
    guard !isTableComplete || !unsettled.isEmpty || isInDoubt else { return }
    let startedAt = monotonicSeconds()
    do throws(SlurmFault) {
      let connection = try openDatabase()
      // In doubt anything will do, to hear it.
      if !isTableComplete || isInDoubt { try readTable(connection) }
      try askAbout(unsettled, connection)
      shared.state.withLock { $0.clock.heardDatabase(at: startedAt) }
      backOff = Self.shortestBackOff
      nextDatabase = monotonicSeconds() + Self.shortestBackOff
      note(problem: nil)
    } catch {
      database = nil
      nextDatabase = monotonicSeconds() + backOff
      backOff = min(backOff * 2, Self.longestBackOff)
      note(problem: error.description)
    }
  }

  private func openDatabase() throws(SlurmFault) -> DatabaseConnection {
    if let database { return database }
    let new = try DatabaseConnection(port: shared.databasePort)
    database = new
    return new
  }

  private func readTable(_ connection: DatabaseConnection) throws(SlurmFault) {
    let table = try TRESTable(from: connection)
    shared.state.withLock {
      $0.table = table
      $0.isTableComplete = true
    }
    nextTree = 0
  }

  /// Whether accounting has the end of jobs that vanished.
  private func askAbout(
    _ unsettled: [SlurmJob.Identity], _ connection: DatabaseConnection
  ) throws(SlurmFault) {
    guard !unsettled.isEmpty else { return }
    connection.readAnew()
    let numbers = unsettled.prefix(500).map(\.number)
    let ended = try connection.endedJobs(numbers, cluster: cluster).intersection(unsettled)
    guard !ended.isEmpty else { return }
    logger.info(
      "accounting has the end of jobs that slurmctld no longer lists", metadata: ["jobs": "\(ended.count)"])
    shared.state.withLock { $0.endedJobs.formUnion(ended) }
  }

  private func note(problem: String?) {
    let hasChanged = shared.state.withLock { state in
      defer { state.databaseProblem = problem }
      return state.databaseProblem != problem
    }
    if hasChanged { shared.publishSoon() }
  }
}
