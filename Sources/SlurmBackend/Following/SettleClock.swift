internal import Model
internal import Wire

/// Whether a write with an unknown outcome could still take effect.
///
/// Such a write is either committed or not when the answer is lost: slurmdbd rolls back what a broken
/// connection had not committed. A later write to the same accounts waits for its row locks in MariaDB, so
/// once that one is confirmed the earlier can't change the records any more. What may still be under way is
/// slurmdbd's update message to slurmctld, which is sent at once or not at all: ten seconds outlast it.
/// Without a later write a minute outlasts the longest transaction, and then only a fresh read counts, made some time
/// after slurmdbd was heard again: while it hangs, the commit may wait in its socket. A restart of slurmctld settles
/// nothing: the transaction could still commit after it.
///
/// A write that slurmdbd has and slurmctld doesn't show is a doubt, too, that no time ends: slurmctld takes it in whenever
/// it reads slurmdbd anew. It ends when slurmctld shows it, or a later write to the account.
struct SettleClock: Sendable {
  static let messageTime = 10.0
  static let transactionTime = 60.0

  private struct Doubt {
    /// Nil when it isn't known what was written: then no later write is known to cover it.
    var accounts: Set<AccountName>?
    var since: Double
    var clearedAt: Double?
    /// When slurmdbd was first heard after it.
    var heardAt: Double?
  }

  private var doubts: [Doubt] = []
  private var stored: [AccountName: LimitChange] = [:]
  private static let most = 1000

  mutating func wroteUnknown(_ accounts: [AccountName]?, at now: Double) {
    // Beyond the bound all doubts become one, about everything, which is the careful direction.
    if doubts.count >= Self.most { doubts = [Doubt(accounts: nil, since: now)] }
    doubts.append(Doubt(accounts: accounts.map(Set.init), since: now))
  }

  /// slurmdbd has it, and slurmctld did not show it.
  mutating func wroteUnseen(_ changes: [LimitChange]) {
    for change in changes { stored[change.account] = change }
  }

  /// What slurmctld shows of the accounts that are followed. Of the others nobody will know, and nobody asks.
  mutating func shown(_ rows: [String: AccountLimits], of followed: [AccountName]) {
    guard !stored.isEmpty else { return }
    let followed = Set(followed)
    stored = stored.filter { account, change in
      followed.contains(account) && !change.limitsHold(in: rows[account.text])
    }
  }

  /// A later write to `accounts` was read back from slurmctld.
  mutating func confirmed(_ accounts: [AccountName], at now: Double) {
    for account in accounts { stored[account] = nil }
    for index in doubts.indices where doubts[index].clearedAt == nil {
      guard doubts[index].accounts?.isEmpty == false else { continue }
      doubts[index].accounts?.subtract(accounts)
      if doubts[index].accounts?.isEmpty == true { doubts[index].clearedAt = now }
    }
  }

  /// slurmdbd has answered something that was asked at `now`.
  mutating func heardDatabase(at now: Double) {
    for index in doubts.indices where now >= doubts[index].since && doubts[index].heardAt == nil {
      doubts[index].heardAt = now
    }
  }

  /// Limits were read from slurmctld; the read began at `now`.
  mutating func read(at now: Double) {
    doubts.removeAll { doubt in
      let isCleared = doubt.clearedAt.map { now >= $0 + Self.messageTime } ?? false
      let isHeard = doubt.heardAt.map { now >= $0 + Self.messageTime } ?? false
      return isCleared || (isHeard && now >= doubt.since + Self.transactionTime)
    }
  }

  var isSettled: Bool { doubts.isEmpty && stored.isEmpty }
}
