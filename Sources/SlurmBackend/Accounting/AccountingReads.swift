internal import CSlurm
internal import Glibc
internal import Model

/// What slurmdbd knows of a user.
struct KnownUser {
  /// In this cluster: then there is a default account already.
  var hasAssociation: Bool
}

extension DatabaseConnection {
  /// Those of `accounts` that exist anywhere.
  func knownAccounts(_ accounts: [AccountName]) throws(SlurmFault) -> Set<String> {
    let strings = CStrings()
    let names = strings.list(accounts.map(\.text))
    var association = unsafe slurmdb_assoc_cond_t()
    unsafe association.acct_list = unsafe names.pointer
    var found: Set<String> = []
    try unsafe withUnsafeMutablePointer(to: &association) { pointer throws(SlurmFault) in
      var condition = unsafe slurmdb_account_cond_t()
      unsafe condition.assoc_cond = unsafe pointer
      let list = try unsafe query("read accounts from slurmdbd") {
        unsafe slurmdb_accounts_get($0, &condition)
      }
      unsafe forEach(in: list.pointer, of: slurmdb_account_rec_t.self) { record in
        if let name = unsafe text(record.pointee.name) { found.insert(name) }
      }
    }
    return found
  }

  func knownUsers(_ users: [UserName], cluster: ClusterName) throws(SlurmFault) -> [String: KnownUser] {
    let strings = CStrings()
    let names = strings.list(users.map(\.text))
    var association = unsafe slurmdb_assoc_cond_t()
    unsafe association.user_list = unsafe names.pointer
    var found: [String: KnownUser] = [:]
    try unsafe withUnsafeMutablePointer(to: &association) { pointer throws(SlurmFault) in
      var condition = unsafe slurmdb_user_cond_t()
      unsafe condition.assoc_cond = unsafe pointer
      unsafe condition.with_assocs = 1
      let list = try unsafe query("read users from slurmdbd") { unsafe slurmdb_users_get($0, &condition) }
      unsafe forEach(in: list.pointer, of: slurmdb_user_rec_t.self) { record in
        guard let name = unsafe text(record.pointee.name) else { return }
        var user = KnownUser(hasAssociation: false)
        unsafe forEach(in: record.pointee.assoc_list, of: slurmdb_assoc_rec_t.self) { row in
          if unsafe text(row.pointee.cluster) == cluster.text { user.hasAssociation = true }
        }
        found[name] = user
      }
    }
    return found
  }

  /// The limits and users of accounts, and the limits of users' associations, as slurmdbd has them: of those that
  /// slurmctld doesn't show.
  func limits(
    of accounts: [AccountName], cluster: ClusterName, table: TRESTable
  ) throws(SlurmFault) -> [String: AccountLimits] {
    let strings = CStrings()
    let clusters = strings.list([cluster.text])
    let names = strings.list(Set(accounts.map(\.whole.text)).sorted())
    let associations = AssociationNames(in: accounts)
    var condition = unsafe slurmdb_assoc_cond_t()
    unsafe condition.cluster_list = unsafe clusters.pointer
    unsafe condition.acct_list = unsafe names.pointer
    let list = try unsafe query("read associations from slurmdbd") {
      unsafe slurmdb_associations_get($0, &condition)
    }
    var found: [String: AccountLimits] = [:]
    var users: [String: Set<String>] = [:]
    unsafe forEach(in: list.pointer, of: slurmdb_assoc_rec_t.self) { record in
      guard var account = unsafe text(record.pointee.acct) else { return }
      if let user = unsafe text(record.pointee.user) {
        guard unsafe text(record.pointee.partition) == nil else { return }
        users[account, default: []].insert(user)
        guard let name = associations.name(account: account, user: user) else { return }
        account = name.text
      }
      let limits = unsafe table.limits(of: record.pointee) ?? TRESAmounts()
      found[account] = AccountLimits(limits: limits, used: TRESAmounts())
    }
    for (account, names) in users { found[account]?.users = names }
    return found
  }

  /// The jobs of `numbers` whose record says when they ended.
  func endedJobs(_ numbers: [UInt32], cluster: ClusterName) throws(SlurmFault) -> Set<SlurmJob.Identity> {
    let strings = CStrings()
    let clusters = strings.list([cluster.text])
    let selected = SelectedJobs(numbers)
    var condition = unsafe slurmdb_job_cond_t()
    unsafe condition.cluster_list = unsafe clusters.pointer
    unsafe condition.step_list = unsafe selected.list.pointer
    unsafe condition.db_flags = sluice_job_flags_not_set
    unsafe condition.flags = sluice_job_cond_exact
    let list = try unsafe query("read jobs from slurmdbd") { unsafe slurmdb_jobs_get($0, &condition) }
    var ended: Set<SlurmJob.Identity> = []
    unsafe forEach(in: list.pointer, of: slurmdb_job_rec_t.self) { record in
      guard unsafe record.pointee.end > 0, let user = unsafe text(record.pointee.user) else { return }
      let submitted = Timestamp(seconds: Int64(unsafe record.pointee.submit))
      ended.insert(
        SlurmJob.Identity(number: unsafe record.pointee.jobid, user: user, submitted: submitted))
    }
    return ended
  }
}

/// Jobs that a query is about, for as long as it takes.
@safe
final class SelectedJobs {
  let list = SlurmList()
  private let steps: UnsafeMutablePointer<slurm_selected_step_t>

  init(_ numbers: [UInt32]) {
    unsafe steps = .allocate(capacity: max(1, numbers.count))
    for (index, number) in numbers.enumerated() {
      unsafe (steps + index).initialize(to: sluice_whole_job(number))
      unsafe list.append(UnsafeMutableRawPointer(steps + index))
    }
  }

  deinit { unsafe steps.deallocate() }
}
