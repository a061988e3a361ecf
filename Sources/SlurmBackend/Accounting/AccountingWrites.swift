internal import CSlurm
internal import Glibc
internal import Model

/// What is written to slurmdbd, each within the connection's transaction.
extension DatabaseConnection {
  func addAccount(_ account: AccountName) throws(SlurmFault) {
    let strings = CStrings()
    let list = SlurmList()
    var record = unsafe slurmdb_account_rec_t()
    unsafe record.name = unsafe strings(account.text)
    unsafe record.description = unsafe strings(account.text)
    unsafe record.organization = unsafe strings("sluice")
    try unsafe withUnsafeMutablePointer(to: &record) { pointer throws(SlurmFault) in
      unsafe list.append(UnsafeMutableRawPointer(pointer))
      try unsafe write("add the account \(account)") { unsafe slurmdb_accounts_add($0, list.pointer) }
    }
  }

  /// The account's association comes with its limits, so that it is never there without.
  func addAssociation(
    of account: AccountName, under parent: String, limits: LimitFields?, cluster: ClusterName
  ) throws(SlurmFault) {
    try unsafe addAssociation("add the account \(account) under \(parent)") { record, strings in
      unsafe record.cluster = unsafe strings(cluster.text)
      unsafe record.acct = unsafe strings(account.text)
      unsafe record.parent_acct = unsafe strings(parent)
      limits?.write(to: &record, strings)
    }
  }

  func addUser(_ user: UserName, defaultAccount: AccountName) throws(SlurmFault) {
    let strings = CStrings()
    let list = SlurmList()
    var record = unsafe slurmdb_user_rec_t()
    unsafe record.name = unsafe strings(user.text)
    unsafe record.default_acct = unsafe strings(defaultAccount.text)
    unsafe record.admin_level = UInt16(SLURMDB_ADMIN_NONE.rawValue)
    try unsafe withUnsafeMutablePointer(to: &record) { pointer throws(SlurmFault) in
      unsafe list.append(UnsafeMutableRawPointer(pointer))
      try unsafe write("add the user \(user)") { unsafe slurmdb_users_add($0, list.pointer) }
    }
  }

  /// - Parameter limits: The association's own, so that it is never there without; nil for none.
  func addAssociation(
    of user: UserName, in account: AccountName, limits: LimitFields?, isDefault: Bool, cluster: ClusterName
  ) throws(SlurmFault) {
    try unsafe addAssociation("add the user \(user) to the account \(account)") { record, strings in
      unsafe record.cluster = unsafe strings(cluster.text)
      unsafe record.acct = unsafe strings(account.text)
      unsafe record.user = unsafe strings(user.text)
      unsafe record.is_def = isDefault ? 1 : 0
      limits?.write(to: &record, strings)
    }
  }

  private func addAssociation(
    _ doing: String, _ fill: (inout slurmdb_assoc_rec_t, CStrings) -> Void
  ) throws(SlurmFault) {
    let strings = CStrings()
    let list = SlurmList()
    var record = unsafe slurmdb_assoc_rec_t()
    unsafe slurmdb_init_assoc_rec(&record, false)
    unsafe fill(&record, strings)
    try unsafe withUnsafeMutablePointer(to: &record) { pointer throws(SlurmFault) in
      unsafe list.append(UnsafeMutableRawPointer(pointer))
      try unsafe write(doing) { unsafe slurmdb_associations_add($0, list.pointer) }
    }
  }

  /// Sets the limits of the accounts' own associations; a TRES not in `limits` keeps what it has.
  func setLimits(_ limits: LimitFields, of accounts: [AccountName], cluster: ClusterName) throws(SlurmFault) {
    // The empty user: the account's association, and none of its users'.
    try setLimits(limits, accounts.map(\.text), [""], "the limits of \(accounts.count) accounts", cluster)
  }

  /// The same for users' associations in an account, those without a partition.
  func setLimits(
    _ limits: LimitFields, of users: [UserName], in account: AccountName, cluster: ClusterName
  ) throws(SlurmFault) {
    try setLimits(
      limits, [account.text], users.map(\.text), "the limits of \(users.count) users of \(account)", cluster)
  }

  private func setLimits(
    _ limits: LimitFields, _ accounts: [String], _ users: [String], _ what: String, _ cluster: ClusterName
  ) throws(SlurmFault) {
    let strings = CStrings()
    let clusters = strings.list([cluster.text])
    let names = strings.list(accounts)
    let users = strings.list(users)
    let partitions = strings.list([""])
    var condition = unsafe slurmdb_assoc_cond_t()
    unsafe condition.cluster_list = unsafe clusters.pointer
    unsafe condition.acct_list = unsafe names.pointer
    unsafe condition.user_list = unsafe users.pointer
    unsafe condition.partition_list = unsafe partitions.pointer
    var record = unsafe slurmdb_assoc_rec_t()
    unsafe slurmdb_init_assoc_rec(&record, false)
    limits.write(to: &record, strings)
    do throws(SlurmFault) {
      _ = try unsafe query("set \(what)") {
        unsafe slurmdb_associations_modify($0, &condition, &record)
      }
    } catch {
      if !error.isNoChange { throw error }
    }
  }
}
