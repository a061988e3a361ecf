package import Model

/// `usage.get`, the answer of `usage.watch`, and each `usage.changed` after it: what an agent knows of its
/// cluster. The head is always whole. `accounts` is whole in an answer; in a notification it has only the
/// accounts that changed since the message before.
///
/// In each view the limits were read from the enforcing part first and the usage after: a job that was let
/// in under an older limit is in the usage.
package struct UsageView: Codable, Hashable, Sendable {
  /// Rises with each view of one agent process.
  package var serial: Int64
  package var cluster: ClusterName
  package var bootTime: Timestamp?
  /// Seconds since the enforcing part last answered; nil when it never has. Old views confirm nothing.
  package var age: Double?
  /// The last write that had ended, with an outcome known or not, before the limits here were read.
  package var applied: WriteNumber?
  /// False while a write with an unknown outcome could still take effect.
  package var settled: Bool
  package var capacity: TRESAmounts
  package var free: TRESAmounts
  package var voids: [LimitVoid]
  /// What the agent can't reach or finds wrong, in sentences.
  package var problems: [ClusterProblem]
  package var accounts: [AccountUsage]

  package init(
    serial: Int64, cluster: ClusterName, bootTime: Timestamp?, age: Double?, applied: WriteNumber?,
    settled: Bool, capacity: TRESAmounts, free: TRESAmounts, voids: [LimitVoid], problems: [ClusterProblem],
    accounts: [AccountUsage]
  ) {
    self.serial = serial
    self.cluster = cluster
    self.bootTime = bootTime
    self.age = age
    self.applied = applied
    self.settled = settled
    self.capacity = capacity
    self.free = free
    self.voids = voids
    self.problems = problems
    self.accounts = accounts
  }
}

package struct AccountUsage: Codable, Hashable, Sendable {
  /// Also a user's association in an account (`AccountName.user(_:of:)`): on the wire its user has a field of his own.
  package var account: AccountName {
    get { user.map { .user($0, of: whole) } ?? whole }
    set { (whole, user) = newValue.placed }
  }
  private var whole: AccountName
  private var user: UserName?
  /// False when the cluster has no such account or association: then nothing can run there.
  package var exists: Bool
  /// The accounts above it, from the inside out, without the root. What it uses counts for each of them.
  package var above: [AccountName]
  /// What the enforcing part holds it to now. A TRES that is not here has no limit.
  package var limits: TRESAmounts
  /// By jobs that run, are suspended or being configured, and by jobs that vanished unsettled.
  package var used: TRESAmounts
  /// Asked for by waiting jobs that could start if there were room.
  package var pending: TRESAmounts
  package var runningJobs: Int
  package var pendingJobs: Int
  /// Of the jobs in `used`; nil when there are none, or the agent doesn't tell.
  package var running: RunningTime?
  /// Where users' associations in the account are asked about: the first of those users whose jobs use or want quota
  /// there, and who aren't asked about; nil for none.
  package var others: [String]?

  package static let mostOthers = 20

  package init(
    account: AccountName, exists: Bool, above: [AccountName] = [], limits: TRESAmounts, used: TRESAmounts,
    pending: TRESAmounts,
    runningJobs: Int, pendingJobs: Int, running: RunningTime? = nil, others: [String]? = nil
  ) {
    (whole, user) = account.placed
    self.exists = exists
    self.above = above
    self.limits = limits
    self.used = used
    self.pending = pending
    self.runningJobs = runningJobs
    self.pendingJobs = pendingJobs
    self.running = running
    self.others = others
  }
}

extension AccountUsage {
  private enum CodingKeys: String, CodingKey {
    case whole = "account"
    case user, exists, above, limits, used, pending, runningJobs, pendingJobs, running, others
  }

  /// An agent of 0.1 doesn't tell `above` and `running`.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    whole = try container.decode(AccountName.self, forKey: .whole)
    user = try container.decodeIfPresent(UserName.self, forKey: .user)
    exists = try container.decode(Bool.self, forKey: .exists)
    above = try container.decodeIfPresent([AccountName].self, forKey: .above) ?? []
    limits = try container.decode(TRESAmounts.self, forKey: .limits)
    used = try container.decode(TRESAmounts.self, forKey: .used)
    pending = try container.decode(TRESAmounts.self, forKey: .pending)
    runningJobs = try container.decode(Int.self, forKey: .runningJobs)
    pendingJobs = try container.decode(Int.self, forKey: .pendingJobs)
    running = try container.decodeIfPresent(RunningTime.self, forKey: .running)
    others = try container.decodeIfPresent([String].self, forKey: .others)
  }
}

/// The accounts that `usage.get` and `usage.watch` are about, and users' associations in accounts: at most 10,000 in
/// all. Naming them in a watch makes the agent follow them until the next watch on that connection, or its end.
package struct UsageRequest: Codable, Hashable, Sendable {
  package static let mostAccounts = 10_000
  /// First the accounts, then the associations.
  package var accounts: [AccountName]
  package init(accounts: [AccountName]) { self.accounts = accounts }
}

extension UsageRequest {
  private enum CodingKeys: CodingKey {
    case accounts, users
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    accounts = try container.decode([AccountName].self, forKey: .accounts)
    let users = try container.decodeIfPresent(NameMap<AccountTag, [UserName]>.self, forKey: .users) ?? [:]
    for (account, names) in users { accounts += names.map { .user($0, of: account) } }
  }

  /// Associations are told by their accounts.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    var users = NameMap<AccountTag, [UserName]>()
    for (account, user) in accounts.compactMap(\.parts) {
      if users.update(account, { $0.append(user) }) == nil { users[account] = [user] }
    }
    try container.encode(accounts.filter { !$0.isOfUser }, forKey: .accounts)
    if !users.isEmpty { try container.encode(users, forKey: .users) }
  }
}
