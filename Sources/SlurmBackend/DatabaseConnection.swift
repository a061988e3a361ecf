internal import CSlurm
internal import Glibc
internal import Model

/// One connection to slurmdbd, for one thread: what is written through it is one transaction until `commit`.
/// Closing it without one rolls back.
@safe final class DatabaseConnection {
  private var pointer: UnsafeMutableRawPointer?

  init() throws(SlurmFault) {
    var flags: UInt16 = 0
    unsafe pointer = slurmdb_connection_get(&flags)
    guard unsafe pointer != nil else { throw .last("connecting to slurmdbd") }
  }

  deinit { _ = unsafe slurmdb_connection_close(&pointer) }

  func commit() throws(SlurmFault) {
    errno = 0
    guard unsafe slurmdb_connection_commit(pointer, true) == 0 else { throw .last("committing to slurmdbd") }
  }

  func tresIds() throws(SlurmFault) -> TRESIds {
    var condition = unsafe slurmdb_tres_cond_t()
    unsafe slurmdb_init_tres_cond(&condition, false)
    var ids = TRESIds()
    let list = try unsafe query("asking slurmdbd for its TRES", unsafe slurmdb_tres_get(pointer, &condition))
    unsafe list.forEach(of: slurmdb_tres_rec_t.self) { record in
      guard let type = unsafe text(record.pointee.type) else { return }
      ids.add(unsafe record.pointee.id, type: type, name: unsafe text(record.pointee.name))
    }
    return ids
  }

  /// Whether the account has an association on the cluster, and which users have one in it.
  func members(of account: AccountName, on cluster: ClusterName) throws(SlurmFault) -> AccountMembers {
    let clusters = BorrowingList(texts: [cluster.text])
    let accounts = BorrowingList(texts: [account.text])
    var condition = unsafe slurmdb_assoc_cond_t()
    unsafe condition.cluster_list = clusters.pointer
    unsafe condition.acct_list = accounts.pointer
    var members = AccountMembers()
    let list = try unsafe query(
      "asking slurmdbd for account \(account)", unsafe slurmdb_associations_get(pointer, &condition))
    unsafe list.forEach(of: slurmdb_assoc_rec_t.self) { record in
      members.exists = true
      if let user = unsafe text(record.pointee.user) { members.users.insert(user) }
    }
    withExtendedLifetime(clusters) {}
    withExtendedLifetime(accounts) {}
    return members
  }

  func hasAssociation(user: UserName, on cluster: ClusterName) throws(SlurmFault) -> Bool {
    let clusters = BorrowingList(texts: [cluster.text])
    let users = BorrowingList(texts: [user.text])
    var condition = unsafe slurmdb_assoc_cond_t()
    unsafe condition.cluster_list = clusters.pointer
    unsafe condition.user_list = users.pointer
    let list = try unsafe query(
      "asking slurmdbd for user \(user)", unsafe slurmdb_associations_get(pointer, &condition))
    withExtendedLifetime(clusters) {}
    withExtendedLifetime(users) {}
    return list.count > 0
  }

  func hasAccount(_ account: AccountName) throws(SlurmFault) -> Bool {
    let accounts = BorrowingList(texts: [account.text])
    var associations = unsafe slurmdb_assoc_cond_t()
    unsafe associations.acct_list = accounts.pointer
    let list = try unsafe withUnsafeMutablePointer(to: &associations) { associations throws(SlurmFault) in
      var condition = unsafe slurmdb_account_cond_t()
      unsafe condition.assoc_cond = associations
      return try unsafe query(
        "asking slurmdbd for account \(account)", unsafe slurmdb_accounts_get(pointer, &condition))
    }
    withExtendedLifetime(accounts) {}
    return list.count > 0
  }

  func hasUser(_ user: UserName) throws(SlurmFault) -> Bool {
    let users = BorrowingList(texts: [user.text])
    var associations = unsafe slurmdb_assoc_cond_t()
    unsafe associations.user_list = users.pointer
    let list = try unsafe withUnsafeMutablePointer(to: &associations) { associations throws(SlurmFault) in
      var condition = unsafe slurmdb_user_cond_t()
      unsafe condition.assoc_cond = associations
      return try unsafe query(
        "asking slurmdbd for user \(user)", unsafe slurmdb_users_get(pointer, &condition))
    }
    withExtendedLifetime(users) {}
    return list.count > 0
  }

  private func query(
    _ call: String, _ answer: @autoclosure () -> OpaquePointer?
  ) throws(SlurmFault) -> SlurmList {
    errno = 0
    guard let list = unsafe SlurmList(answer()) else { throw .last(call) }
    return list
  }
}

/// Who can submit to an account on one cluster.
struct AccountMembers: Equatable, Sendable {
  var exists = false
  var users: Set<String> = []
}

// Writing.
extension DatabaseConnection {
  /// Changes the account's GrpTRES; `text` is in Slurm's ids.
  func setLimits(_ text: String, account: AccountName, on cluster: ClusterName) throws(SlurmFault) {
    let clusters = BorrowingList(texts: [cluster.text])
    let accounts = BorrowingList(texts: [account.text])
    // The empty user is the account itself.
    let users = BorrowingList(texts: [""])
    let limits = OwnedText(text)
    var condition = unsafe slurmdb_assoc_cond_t()
    unsafe condition.cluster_list = clusters.pointer
    unsafe condition.acct_list = accounts.pointer
    unsafe condition.user_list = users.pointer
    var record = unsafe slurmdb_assoc_rec_t()
    unsafe slurmdb_init_assoc_rec(&record, false)
    unsafe record.grp_tres = limits.pointer
    _ = try unsafe query(
      "setting the limit of account \(account)",
      unsafe slurmdb_associations_modify(pointer, &condition, &record))
    withExtendedLifetime(clusters) {}
    withExtendedLifetime(accounts) {}
    withExtendedLifetime(users) {}
    withExtendedLifetime(limits) {}
  }

  func addAccount(_ account: AccountName) throws(SlurmFault) {
    let name = OwnedText(account.text)
    let organization = OwnedText("sluice")
    var record = unsafe slurmdb_account_rec_t()
    unsafe record.name = name.pointer
    unsafe record.description = name.pointer
    unsafe record.organization = organization.pointer
    try unsafe add("adding account \(account)", &record) { unsafe slurmdb_accounts_add($0, $1) }
    withExtendedLifetime(name) {}
    withExtendedLifetime(organization) {}
  }

  func addUser(_ user: UserName, account: AccountName) throws(SlurmFault) {
    let name = OwnedText(user.text)
    let account = OwnedText(account.text)
    var record = unsafe slurmdb_user_rec_t()
    unsafe record.name = name.pointer
    unsafe record.default_acct = account.pointer
    unsafe record.admin_level = UInt16(SLURMDB_ADMIN_NONE.rawValue)
    try unsafe add("adding user \(user)", &record) { unsafe slurmdb_users_add($0, $1) }
    withExtendedLifetime(name) {}
    withExtendedLifetime(account) {}
  }

  /// The association of an account, with its limits from the first moment; or of a user in it.
  func addAssociation(
    account: AccountName, parent: AccountName?, user: UserName? = nil, isDefault: Bool = false,
    limits: String = "", on cluster: ClusterName
  ) throws(SlurmFault) {
    let texts = [account.text, parent?.text ?? "root", user?.text ?? "", cluster.text, limits].map(
      OwnedText.init)
    var record = unsafe slurmdb_assoc_rec_t()
    unsafe slurmdb_init_assoc_rec(&record, false)
    unsafe record.acct = texts[0].pointer
    unsafe record.cluster = texts[3].pointer
    if user == nil {
      unsafe record.parent_acct = texts[1].pointer
      unsafe record.grp_tres = limits.isEmpty ? nil : texts[4].pointer
    } else {
      unsafe record.user = texts[2].pointer
      unsafe record.is_def = isDefault ? 1 : 0
    }
    try unsafe add("adding \(user.map { "user \($0) to " } ?? "")account \(account) on \(cluster)", &record) {
      unsafe slurmdb_associations_add($0, $1)
    }
    withExtendedLifetime(texts) {}
  }

  private func add<Record>(
    _ call: String, _ record: UnsafeMutablePointer<Record>,
    _ add: (UnsafeMutableRawPointer?, OpaquePointer?) -> Int32
  ) throws(SlurmFault) {
    let list = unsafe BorrowingList(of: record)
    errno = 0
    guard unsafe add(pointer, list.pointer) == 0 else { throw .last(call) }
    withExtendedLifetime(list) {}
  }
}
