internal import Logging
internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Writes limits: through slurmdbd, which keeps them, and then looks at slurmctld, which enforces them.
/// All changes of a write are one transaction. Used by one thread at a time.
final class LimitWriter: Sendable {
  /// How long slurmctld may take to show what slurmdbd has committed. It takes some 10 ms when all is well.
  private static let patience: Duration = .seconds(3)
  private static let firstLook = 0.005

  private let cluster: ClusterName
  private let logger: Logger
  private let state = Mutex(State())

  private struct State: Sendable {
    var ids = TRESIds()
    /// Members that were seen or added; nothing is ever removed by Sluice, so a hit saves a round trip.
    var members: [AccountName: AccountMembers] = [:]
  }

  private final class Session: @unchecked Sendable {
    var connection: DatabaseConnection?
  }

  private let session = Session()

  init(cluster: ClusterName, logger: Logger) {
    self.cluster = cluster
    self.logger = logger
  }

  /// What could not be written, and why.
  private typealias Faults = [AccountName: (outcome: LimitOutcome.Outcome, message: String)]

  func apply(_ changes: [LimitChange]) -> [LimitOutcome] {
    var faults: Faults = [:]
    do throws(SlurmFault) {
      let connection = try connect(knowing: changes)
      for change in changes {
        do throws(SlurmFault) {
          try write(change, over: connection)
        } catch {
          faults[change.account] = (.failed, error.description)
        }
      }
      do throws(SlurmFault) {
        try connection.commit()
      } catch {
        session.connection = nil
        for change in changes { faults[change.account] = (.unknown, error.description) }
      }
    } catch {
      session.connection = nil
      for change in changes { faults[change.account] = (.failed, error.description) }
    }
    if !faults.isEmpty {
      // What is in the transaction of a broken connection is rolled back; the next write begins anew.
      session.connection = nil
      state.withLock { $0.members = [:] }
    }
    return confirm(changes, faults)
  }

  private func connect(knowing changes: [LimitChange]) throws(SlurmFault) -> DatabaseConnection {
    let connection: DatabaseConnection
    if let open = session.connection { connection = open } else { connection = try DatabaseConnection() }
    session.connection = connection
    let names = changes.flatMap { $0.limits.names + $0.cleared.map(\.tres) }
    let isKnown = state.withLock { state in names.allSatisfy(state.ids.knows) }
    if !isKnown {
      let ids = try connection.tresIds()
      state.withLock { $0.ids = ids }
    }
    return connection
  }

  private func write(_ change: LimitChange, over connection: DatabaseConnection) throws(SlurmFault) {
    let ids = state.withLock { $0.ids }
    if let unknown = change.limits.names.first(where: { !ids.knows($0) }) {
      throw SlurmFault(
        call: "\(unknown) is not tracked on this cluster: add it to AccountingStorageTRES in slurm.conf",
        code: 0)
    }
    let limits = ids.text(change.limits, cleared: change.cleared.map(\.tres))
    var members: AccountMembers
    if let known = state.withLock({ $0.members[change.account] }) {
      members = known
    } else {
      members = try connection.members(of: change.account, on: cluster)
    }
    if members.exists {
      try connection.setLimits(limits, account: change.account, on: cluster)
    } else {
      try create(change, limits: limits, over: connection)
      members.exists = true
    }
    for user in change.users where !members.users.contains(user.text) {
      try add(user, to: change.account, over: connection)
      members.users.insert(user.text)
    }
    let all = members
    state.withLock { $0.members[change.account] = all }
  }

  private func create(
    _ change: LimitChange, limits: String, over connection: DatabaseConnection
  ) throws(SlurmFault) {
    if try !connection.hasAccount(change.account) { try connection.addAccount(change.account) }
    try connection.addAssociation(
      account: change.account, parent: change.parent, limits: limits, on: cluster)
    logger.notice("account \(change.account) is made, held to \(change.limits)")
  }

  private func add(
    _ user: UserName, to account: AccountName, over connection: DatabaseConnection
  ) throws(SlurmFault) {
    if try !connection.hasUser(user) { try connection.addUser(user, account: account) }
    let isFirst = try !connection.hasAssociation(user: user, on: cluster)
    try connection.addAssociation(
      account: account, parent: nil, user: user, isDefault: isFirst, on: cluster)
    logger.notice("user \(user) may submit to account \(account)")
  }

  /// Looks at slurmctld until it has all that was committed, or patience ends.
  private func confirm(_ changes: [LimitChange], _ faults: Faults) -> [LimitOutcome] {
    let accounts = changes.map(\.account)
    let deadline = ContinuousClock.now + Self.patience
    var pause = Self.firstLook
    while true {
      let readings = try? ControllerCalls.readings(of: accounts)
      let isDone = readings.map { readings in
        changes.allSatisfy { faults[$0.account] != nil || readings[$0.account]?.has($0) ?? false }
      }
      if isDone ?? false || ContinuousClock.now > deadline {
        return changes.map { outcome(of: $0, readings, faults) }
      }
      sleep(seconds: pause)
      pause = min(pause * 1.5, 0.2)
    }
  }

  private func outcome(
    of change: LimitChange, _ readings: [AccountName: AccountReading]?, _ faults: Faults
  ) -> LimitOutcome {
    let reading = readings?[change.account]
    let limits = readings == nil ? nil : reading?.limits ?? TRESAmounts()
    if let fault = faults[change.account] {
      return LimitOutcome(
        account: change.account, outcome: fault.outcome, limits: limits, message: fault.message)
    }
    guard let reading, reading.has(change) else {
      return LimitOutcome(
        account: change.account, outcome: .written, limits: limits,
        message: "slurmdbd has it, but slurmctld doesn't show it yet")
    }
    return LimitOutcome(account: change.account, outcome: .confirmed, limits: reading.limits)
  }
}

extension AccountReading {
  func has(_ change: LimitChange) -> Bool {
    change.limits.allSatisfy { limits[$0.0] == $0.1 } && change.cleared.allSatisfy { limits[$0.tres] == nil }
  }
}
