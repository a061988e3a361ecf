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

  /// Only the associations of `accounts`, or everything when nil.
  init(accounts: [AccountName]?) throws(SlurmFault) {
    let strings = CStrings()
    let names = strings.list((accounts ?? []).map(\.text))
    var request = unsafe assoc_mgr_info_request_msg_t()
    unsafe request.flags = UInt32(ASSOC_MGR_INFO_FLAG_ASSOC)
    if accounts != nil {
      unsafe request.acct_list = unsafe names.pointer
    } else {
      unsafe request.flags |= UInt32(ASSOC_MGR_INFO_FLAG_QOS | ASSOC_MGR_INFO_FLAG_USERS)
    }
    var answer: UnsafeMutablePointer<assoc_mgr_info_msg_t>?
    errno = 0
    let result = unsafe slurm_load_assoc_mgr_info(&request, &answer)
    guard result == 0, let answer = unsafe answer else { throw .last("read the limits from slurmctld") }
    unsafe message = unsafe answer
    var places: [TRES?] = []
    for index in 0..<Int(unsafe answer.pointee.tres_cnt) {
      places.append(unsafe text(answer.pointee.tres_names[index]).flatMap { try? TRES($0) })
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

/// What slurmctld holds one account to.
struct AccountLimits: Sendable, Equatable {
  var limits: TRESAmounts
  var used: TRESAmounts
  var users: Set<String>
}

/// Reads the accounts in `wanted`; those that don't exist are absent from the result.
func readAccountLimits(of wanted: [AccountName], table: TRESTable) throws(LimitReadFault) -> [String:
  AccountLimits]
{
  guard !wanted.isEmpty else { return [:] }
  // slurmctld walks the names for each association, so many names cost it more than answering everything.
  let answer: AssociationManagerAnswer
  do {
    answer = try AssociationManagerAnswer(accounts: wanted.count <= 100 ? wanted : nil)
  } catch {
    throw .slurm(error)
  }
  let names = Set(wanted.map(\.text))
  let places = answer.places
  var result: [String: AccountLimits] = [:]
  var users: [String: Set<String>] = [:]
  var unreadable: String?
  unsafe forEach(in: answer.message.pointee.assoc_list, of: slurmdb_assoc_rec_t.self) { record in
    guard let account = unsafe text(record.pointee.acct), names.contains(account) else { return }
    if let user = unsafe text(record.pointee.user) {
      if unsafe text(record.pointee.partition) == nil { users[account, default: []].insert(user) }
      return
    }
    guard let limits = unsafe table.amounts(text(record.pointee.grp_tres) ?? "") else {
      unreadable = unsafe text(record.pointee.grp_tres)
      return
    }
    let usage = unsafe record.pointee.usage
    let used =
      unsafe usage.map {
        unsafe AssociationManagerAnswer.amounts(
          $0.pointee.grp_used_tres, count: $0.pointee.tres_cnt, places: places)
      } ?? TRESAmounts()
    result[account] = AccountLimits(limits: limits, used: used, users: [])
  }
  if let unreadable { throw .unknownNumber(unreadable) }
  for (account, names) in users { result[account]?.users = names }
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
