internal import Logging
internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Makes limit writes hold: writes them to slurmdbd, and reads back from slurmctld that it enforces them.
/// Used by one thread at a time.
final class LimitApplier {
  /// slurmdbd tells slurmctld within the commit, so that a missing limit is seldom only late.
  private static let confirmationTime = 3.0
  private static let confirmationInterval = 0.015

  private let shared: FollowShared
  private let cluster: ClusterName
  private let logger: Logger
  private var database: DatabaseConnection?

  init(shared: FollowShared, cluster: ClusterName, logger: Logger) {
    self.shared = shared
    self.cluster = cluster
    self.logger = logger
  }

  func apply(_ write: LimitWrite) -> [LimitOutcome] {
    do throws(LimitTransaction.Fault) {
      return try attempt(write.changes)
    } catch {
      guard case .refused = error, write.changes.count > 1 else {
        return outcomes(of: write.changes, after: error)
      }
    }
    // One change that slurmdbd doesn't take must not hold up the others.
    return write.changes.flatMap { change in
      do throws(LimitTransaction.Fault) {
        return try attempt([change])
      } catch {
        return outcomes(of: [change], after: error)
      }
    }
  }

  private func attempt(_ changes: [LimitChange]) throws(LimitTransaction.Fault) -> [LimitOutcome] {
    let accounts = changes.map(\.account)
    let table = try completeTable(for: changes)
    // One that hangs would hold this up for its whole time limit: slurmdbd knows enough.
    let users = changes.flatMap(\.users)
    let before =
      isControllerAnswering ? try? readAccountLimits(of: accounts, users: users, table: table) : nil
    let transaction = LimitTransaction(cluster: cluster, table: table, changes: changes)
    let askedAt = monotonicSeconds()
    try transaction.perform(on: try connection(), known: before ?? [:])
    shared.state.withLock { $0.clock.heardDatabase(at: askedAt) }
    note(problem: nil)
    return confirm(changes, before: before, table: table)
  }

  private func outcomes(of changes: [LimitChange], after fault: LimitTransaction.Fault) -> [LimitOutcome] {
    database = nil
    switch fault {
    case .unreachable(let cause):
      let reason = "slurmdbd does not answer: \(cause)"
      note(problem: reason)
      return outcomes(of: changes, after: .refused(reason))
    case .refused(let reason):
      return changes.map { LimitOutcome(account: $0.account, outcome: .failed, limits: nil, message: reason) }
    case .unknown(let reason):
      note(problem: "slurmdbd did not say whether it took a write: \(reason)")
      doubt(changes)
      return changes.map {
        LimitOutcome(account: $0.account, outcome: .unknown, limits: nil, message: reason)
      }
    }
  }

  private func doubt(_ changes: [LimitChange]) {
    shared.state.withLock { $0.clock.wroteUnknown(changes.map(\.account), at: monotonicSeconds()) }
  }

  private var isControllerAnswering: Bool {
    shared.state.withLock { $0.age(at: monotonicSeconds()).map { $0 < 5 } ?? true }
  }

  // MARK: slurmdbd

  private func note(problem: String?) {
    shared.state.withLock { $0.databaseProblem = problem }
    shared.publishSoon()
  }

  private func connection() throws(LimitTransaction.Fault) -> DatabaseConnection {
    if let database { return database }
    do throws(SlurmFault) {
      let new = try DatabaseConnection(port: shared.databasePort)
      database = new
      return new
    } catch {
      throw .unreachable(error.description)
    }
  }

  /// The table of TRES, read anew when it lacks one that is to be limited.
  private func completeTable(for changes: [LimitChange]) throws(LimitTransaction.Fault) -> TRESTable {
    let (table, isComplete) = shared.state.withLock { ($0.table, $0.isTableComplete) }
    let hasAll = changes.allSatisfy { $0.limits.names.allSatisfy(table.takes) }
    if isComplete, hasAll { return table }
    do throws(SlurmFault) {
      let new = try TRESTable(from: try DatabaseConnection(port: shared.databasePort))
      shared.state.withLock {
        $0.table = new
        $0.isTableComplete = true
      }
      return new
    } catch {
      throw .unreachable(error.description)
    }
  }

  // MARK: slurmctld

  private func confirm(
    _ changes: [LimitChange], before: [String: AccountLimits]?, table: TRESTable
  ) -> [LimitOutcome] {
    let accounts = changes.map(\.account)
    let deadline = monotonicSeconds() + Self.confirmationTime
    var shown: [String: AccountLimits]?
    var problem: String?
    while true {
      do throws(LimitReadFault) {
        let rows = try readAccountLimits(of: accounts, users: changes.flatMap(\.users), table: table)
        shown = rows
        if changes.allSatisfy({ $0.holds(in: rows[$0.account.text]) }) { break }
      } catch {
        shown = nil
        problem = error.description
      }
      if monotonicSeconds() >= deadline { break }
      sleep(seconds: Self.confirmationInterval)
    }
    let held = changes.filter { change in shown.map { change.holds(in: $0[change.account.text]) } ?? false }
    noteHeld(held, before: before)
    let isHeld = Set(held.map(\.account))
    let stored = isHeld.count == changes.count ? [:] : stored(accounts, table)
    let outcomes = changes.map { change in
      let row = shown?[change.account.text]
      if isHeld.contains(change.account) {
        return LimitOutcome(account: change.account, outcome: .confirmed, limits: row?.limits)
      }
      return unconfirmed(change, row: row, stored: stored, problem: problem)
    }
    doubtUnconfirmed(changes, outcomes)
    return outcomes
  }

  private func unconfirmed(
    _ change: LimitChange, row: AccountLimits?, stored: [String: AccountLimits]?, problem: String?
  ) -> LimitOutcome {
    let isStored = change.holds(in: stored?[change.account.text])
    let message =
      isStored
      ? problem
        ?? "slurmdbd has it, but slurmctld does not show it: look for 'update' errors in slurmdbd's log"
      : "committed, but neither slurmctld nor slurmdbd shows it"
    return LimitOutcome(
      account: change.account, outcome: isStored ? .written : .unknown, limits: row?.limits, message: message)
  }

  /// What slurmdbd now has; nil when it can't be asked.
  private func stored(_ accounts: [AccountName], _ table: TRESTable) -> [String: AccountLimits]? {
    do {
      return try connection().limits(of: accounts, cluster: cluster, table: table)
    } catch {
      logger.warning("could not read back limits from slurmdbd", metadata: ["reason": "\(error)"])
      database = nil
      return nil
    }
  }

  private func doubtUnconfirmed(_ changes: [LimitChange], _ outcomes: [LimitOutcome]) {
    let pairs = zip(changes, outcomes)
    let unknown = pairs.filter { $0.1.outcome == .unknown }.map(\.0)
    if !unknown.isEmpty { doubt(unknown) }
    shared.state.withLock { $0.clock.wroteUnseen(pairs.filter { $0.1.outcome == .written }.map(\.0)) }
  }

  private func noteHeld(_ held: [LimitChange], before: [String: AccountLimits]?) {
    let now = monotonicSeconds()
    shared.state.withLock { state in
      state.clock.confirmed(held.map(\.account), at: now)
      for change in held where change.grows(from: before?[change.account.text]) {
        state.touches[change.account] = now + Toucher.patience
      }
    }
  }
}

extension LimitChange {
  /// Whether an account's row is as this change wants it.
  func holds(in row: AccountLimits?) -> Bool {
    limitsHold(in: row) && users.allSatisfy { row?.users.contains($0.text) ?? false }
  }

  func limitsHold(in row: AccountLimits?) -> Bool {
    // An association that isn't there has no limits to lose.
    guard let row else { return account.isOfUser && limits.isEmpty }
    return limits.allSatisfy { tres, amount in row.limits[tres] == TRESTable.rounded(amount, of: tres) }
      && cleared.allSatisfy { row.limits[$0] == nil }
  }

  /// Whether a job that waited may now start. Without knowing what was before, it may.
  func grows(from row: AccountLimits?) -> Bool {
    guard let row else { return true }
    return limits.contains { tres, amount in row.limits[tres].map { $0 < amount } ?? false }
      || cleared.contains { row.limits[$0] != nil }
  }
}
