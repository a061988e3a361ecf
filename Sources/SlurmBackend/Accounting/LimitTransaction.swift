internal import Model
internal import Wire

/// One `LimitWrite` as slurmdbd takes it: a single transaction, so that either all of it holds or none.
struct LimitTransaction {
  let cluster: ClusterName
  let table: TRESTable
  let changes: [LimitChange]

  enum Fault: Error {
    /// Nothing of it holds, nor will it.
    case refused(String)
    /// The same, because slurmdbd could not be asked.
    case unreachable(String)
    /// The connection broke while it was being committed.
    case unknown(String)
  }

  /// `known` has the accounts that slurmctld shows.
  func perform(on database: DatabaseConnection, known: [String: AccountLimits]) throws(Fault) {
    do throws(Fault) {
      try write(on: database, known: known)
    } catch {
      database.rollBack()
      throw error
    }
    do throws(SlurmFault) {
      try database.commit()
    } catch {
      throw .unknown(error.description)
    }
  }

  private func write(on database: DatabaseConnection, known: [String: AccountLimits]) throws(Fault) {
    let fields = try limitFields()
    do throws(SlurmFault) {
      var known = known
      let missing = changes.filter { known[$0.account.text] == nil }
      if !missing.isEmpty {
        let rows = try database.limits(of: missing.map(\.account), cluster: cluster, table: table)
        known.merge(rows) { shown, _ in shown }
      }
      let ofAccounts = changes.filter { !$0.account.isOfUser }
      let ofUsers = changes.filter(\.account.isOfUser)
      try create(ofAccounts.filter { known[$0.account.text] == nil }, fields, on: database)
      try modify(ofAccounts.filter { known[$0.account.text] != nil }, fields, on: database)
      try addUsers(of: ofAccounts, ofUsers, known, fields, on: database)
      try modifyUsers(ofUsers.filter { known[$0.account.text] != nil }, fields, on: database)
    } catch {
      throw error.isAnswer ? .refused(error.description) : .unreachable(error.description)
    }
  }

  private func limitFields() throws(Fault) -> [AccountName: LimitFields] {
    var fields: [AccountName: LimitFields] = [:]
    for change in changes {
      do {
        fields[change.account] = try table.fields(for: change.limits, cleared: change.cleared)
      } catch {
        throw .refused(
          "the cluster doesn't track \(error.tres.slurmName): add it to AccountingStorageTRES in slurm.conf")
      }
    }
    return fields
  }

  /// Parents before their children, which may come in the same write.
  private func create(
    _ new: [LimitChange], _ fields: [AccountName: LimitFields], on database: DatabaseConnection
  ) throws(SlurmFault) {
    guard !new.isEmpty else { return }
    let existing = try database.knownAccounts(new.map(\.account))
    var waiting = new
    while !waiting.isEmpty {
      let names = Set(waiting.map(\.account))
      var next = waiting.filter { $0.parent.map { !names.contains($0) } ?? true }
      // Accounts that name each other as parents: slurmdbd refuses the first of them in its words.
      if next.isEmpty { next = waiting }
      for change in next {
        if !existing.contains(change.account.text) { try database.addAccount(change.account) }
        try database.addAssociation(
          of: change.account, under: change.parent?.text ?? "root", limits: fields[change.account],
          cluster: cluster)
      }
      let done = Set(next.map(\.account))
      waiting.removeAll { done.contains($0.account) }
    }
  }

  /// Each call takes slurmdbd a tenth of a second, so accounts that get the same limits share one.
  private func modify(
    _ existing: [LimitChange], _ fields: [AccountName: LimitFields], on database: DatabaseConnection
  ) throws(SlurmFault) {
    var groups: [LimitFields: [AccountName]] = [:]
    for change in existing {
      guard let wanted = fields[change.account], !wanted.isEmpty else { continue }
      groups[wanted, default: []].append(change.account)
    }
    for (wanted, accounts) in groups.sorted(by: { $0.key < $1.key }) {
      try database.setLimits(wanted, of: accounts, cluster: cluster)
    }
  }

  private func modifyUsers(
    _ existing: [LimitChange], _ fields: [AccountName: LimitFields], on database: DatabaseConnection
  ) throws(SlurmFault) {
    var groups: [LimitFields: NameMap<AccountTag, [UserName]>] = [:]
    for change in existing {
      guard let (account, user) = change.account.parts, let wanted = fields[change.account], !wanted.isEmpty
      else { continue }
      if groups[wanted, default: [:]].update(account, { $0.append(user) }) == nil {
        groups[wanted, default: [:]][account] = [user]
      }
    }
    for (wanted, accounts) in groups.sorted(by: { $0.key < $1.key }) {
      for (account, users) in accounts {
        try database.setLimits(wanted, of: users, in: account, cluster: cluster)
      }
    }
  }

  /// Users that an account is to have, and associations that come with limits of their own. One that is only to lose its
  /// limits isn't made for that.
  private func addUsers(
    of ofAccounts: [LimitChange], _ ofUsers: [LimitChange], _ known: [String: AccountLimits],
    _ fields: [AccountName: LimitFields], on database: DatabaseConnection
  ) throws(SlurmFault) {
    let own = ofUsers.filter { known[$0.account.text] == nil && !$0.limits.isEmpty }.map(\.account)
    let plain = ofAccounts.flatMap { change in
      let present = known[change.account.text]?.users ?? []
      return change.users.filter { !present.contains($0.text) }.map {
        AccountName.user($0, of: change.account)
      }
    }
    let limited = Set(ofUsers.map(\.account))
    let missing = (plain.filter { !limited.contains($0) } + own).compactMap { name in
      name.parts.map { (user: $0.user, account: $0.whole, limits: fields[name]) }
    }
    guard !missing.isEmpty else { return }
    var users = try database.knownUsers(Array(Set(missing.map(\.user))).sorted(), cluster: cluster)
    for (user, account, limits) in missing {
      if users[user.text] == nil { try database.addUser(user, defaultAccount: account) }
      let isDefault = users[user.text]?.hasAssociation != true
      try database.addAssociation(
        of: user, in: account, limits: limits, isDefault: isDefault, cluster: cluster)
      users[user.text] = KnownUser(hasAssociation: true)
    }
  }
}
