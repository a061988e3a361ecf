internal import CSlurm
internal import Glibc
internal import Model
internal import Wire

/// slurmctld's own view of associations and QOS: what it enforces, and what it counts.
@safe
struct AssociationManagerAnswer: ~Copyable {
  let message: UnsafeMutablePointer<assoc_mgr_info_msg_t>
  /// The TRES of each place in the arrays of usage; nil for one that Sluice has no name for.
  let places: [TRES?]

  /// Only the associations of `accounts`, or all when nil. Of those that are users', only of `users`, or all when
  /// nil. Every QOS where asked for.
  init(accounts: [String]?, users: [String]? = nil, withQOS: Bool) throws(SlurmFault) {
    let strings = CStrings()
    let names = strings.list(accounts ?? [])
    // An empty list would ask for all; the empty name is no one's.
    let userNames = strings.list([""] + (users ?? []))
    var request = unsafe assoc_mgr_info_request_msg_t()
    unsafe request.flags = UInt32(ASSOC_MGR_INFO_FLAG_ASSOC)
    if withQOS { unsafe request.flags |= UInt32(ASSOC_MGR_INFO_FLAG_QOS) }
    if accounts != nil { unsafe request.acct_list = unsafe names.pointer }
    if users != nil { unsafe request.user_list = unsafe userNames.pointer }
    var answer: UnsafeMutablePointer<assoc_mgr_info_msg_t>?
    errno = 0
    let result = unsafe slurm_load_assoc_mgr_info(&request, &answer)
    guard result == 0, let answer = unsafe answer else { throw .last("read the limits from slurmctld") }
    unsafe message = unsafe answer
    var places: [TRES?] = []
    for index in 0..<Int(unsafe answer.pointee.tres_cnt) {
      places.append(unsafe text(answer.pointee.tres_names[index]).flatMap { try? TRES(slurm: $0) })
    }
    self.places = places
  }

  deinit { unsafe slurm_free_assoc_mgr_info_msg(message) }

  /// An array of usage by place. Marks for "not set" read as zero.
  static func amounts(_ array: UnsafeMutablePointer<UInt64>?, count: UInt32, places: [TRES?]) -> TRESAmounts {
    var result = TRESAmounts()
    guard let array = unsafe array else { return result }
    for index in 0..<min(Int(count), places.count) {
      let value = unsafe array[index]
      guard let tres = places[index], value > 0, value < UInt64(Int64.max) else { continue }
      result[tres] = TRESTable.amount(Int64(value), of: tres)
    }
    return result
  }
}

/// What slurmctld holds one account to, or a user's association in it.
struct AccountLimits: Sendable, Equatable {
  var limits: TRESAmounts
  var used: TRESAmounts
  /// Those of the users looked for that may use it.
  var users: Set<String> = []
  /// Of the users looked for, those with associations by partition, and in which.
  var partitions: [String: [String]] = [:]
}

/// slurmctld walks the names for each association, so many names cost it more than answering with all.
func isWorthNaming(_ count: Int) -> Bool { count <= 100 }

/// Reads the accounts and the users' associations in `wanted`, by their names' texts; those that don't exist are absent
/// from the result. Of users, only those of `wanted` and `users` are looked for: an account can have thousands.
func readAccountLimits(
  of wanted: [AccountName], users: [UserName], table: TRESTable
) throws(LimitReadFault) -> [String: AccountLimits] {
  guard !wanted.isEmpty else { return [:] }
  let accounts = Set(wanted.map(\.whole.text))
  let associations = AssociationNames(in: wanted)
  let userNames = Set(users + wanted.compactMap { $0.parts?.user }).map(\.text).sorted()
  let answer: AssociationManagerAnswer
  do {
    answer = try AssociationManagerAnswer(
      accounts: isWorthNaming(accounts.count) ? accounts.sorted() : nil,
      users: isWorthNaming(userNames.count) ? userNames : nil, withQOS: false)
  } catch {
    throw .slurm(error)
  }
  let places = answer.places
  var result: [String: AccountLimits] = [:]
  var found: [String: Set<String>] = [:]
  var partitions: [String: [String: [String]]] = [:]
  var unreadable: String?
  unsafe forEach(in: answer.message.pointee.assoc_list, of: slurmdb_assoc_rec_t.self) { record in
    guard var account = unsafe text(record.pointee.acct), accounts.contains(account) else { return }
    if let user = unsafe text(record.pointee.user) {
      if let partition = unsafe text(record.pointee.partition) {
        partitions[account, default: [:]][user, default: []].append(partition)
        return
      }
      found[account, default: []].insert(user)
      guard let name = associations.name(account: account, user: user) else { return }
      account = name.text
    }
    guard let limits = unsafe table.limits(of: record.pointee) else {
      unreadable = unsafe text(record.pointee.grp_tres)
      return
    }
    let usage = unsafe record.pointee.usage
    var used =
      unsafe usage.map {
        unsafe AssociationManagerAnswer.amounts(
          $0.pointee.grp_used_tres, count: $0.pointee.tres_cnt, places: places)
      } ?? TRESAmounts()
    // Only where they count: most accounts have no such limit.
    if limits[.runningJobs] != nil {
      used[.runningJobs] = unsafe Amount(units: usage.map { unsafe Int64($0.pointee.used_jobs) } ?? 0)
    }
    if limits[.submittedJobs] != nil {
      used[.submittedJobs] = unsafe Amount(
        units: usage.map { unsafe Int64($0.pointee.used_submit_jobs) } ?? 0)
    }
    result[account] = AccountLimits(limits: limits, used: used)
  }
  if let unreadable { throw .unknownNumber(unreadable) }
  for (account, names) in found { result[account]?.users = names }
  for (account, users) in partitions { result[account]?.partitions = users.mapValues { $0.sorted() } }
  return result
}

enum LimitReadFault: Error, CustomStringConvertible {
  case slurm(SlurmFault)
  /// A limit by a TRES number that isn't known: slurmdbd has to be asked.
  case unknownNumber(String)
  case restarted

  var description: String {
    switch self {
    case .slurm(let fault): fault.description
    case .unknownNumber(let limits):
      "can't read the limit '\(limits)': slurmdbd has not told which TRES its numbers stand for"
    case .restarted: "slurmctld restarted while its limits were read"
    }
  }
}
