internal import CSlurm
internal import Model

/// What slurmctld holds an account to, and counts against it.
struct AccountReading: Equatable, Sendable {
  var limits = TRESAmounts()
  var used = TRESAmounts()
}

extension ControllerCalls {
  /// The associations of `accounts` themselves, not of their users; an account that isn't there is left out.
  /// The figures of an account include all below it.
  static func readings(of accounts: [AccountName]) throws(SlurmFault) -> [AccountName: AccountReading] {
    guard !accounts.isEmpty else { return [:] }
    let names = BorrowingList(texts: accounts.map(\.text))
    var request = unsafe assoc_mgr_info_request_msg_t()
    unsafe request.acct_list = names.pointer
    unsafe request.flags = sluice_assoc_mgr_assoc
    var pointer: UnsafeMutablePointer<assoc_mgr_info_msg_t>?
    guard unsafe slurm_load_assoc_mgr_info(&request, &pointer) == 0, let message = unsafe pointer?.pointee
    else { throw .last("slurm_load_assoc_mgr_info") }
    defer { unsafe slurm_free_assoc_mgr_info_msg(pointer) }
    let tres = unsafe tresNames(message)
    var readings: [AccountName: AccountReading] = [:]
    unsafe CSlurmList.forEach(message.assoc_list) { (record: UnsafeMutablePointer<slurmdb_assoc_rec_t>) in
      guard unsafe text(record.pointee.user) == nil, let name = unsafe text(record.pointee.acct),
        let account = try? AccountName(name)
      else { return }
      var reading = AccountReading()
      reading.limits = unsafe amounts(record.pointee.grp_tres_ctld, names: tres, isLimit: true)
      reading.used = unsafe amounts(record.pointee.usage?.pointee.grp_used_tres, names: tres, isLimit: false)
      readings[account] = reading
    }
    withExtendedLifetime(names) {}
    return readings
  }

  /// The names in the order that the arrays of the same answer have.
  static func tresNames(_ message: assoc_mgr_info_msg_t) -> [TRES?] {
    var names: [TRES?] = []
    for index in 0..<Int(unsafe message.tres_cnt) {
      names.append(unsafe text(message.tres_names[index]).flatMap { try? TRES($0) })
    }
    return names
  }

  static func amounts(_ counts: UnsafeMutablePointer<UInt64>?, names: [TRES?], isLimit: Bool) -> TRESAmounts {
    guard let counts = unsafe counts else { return TRESAmounts() }
    let array = unsafe Array(UnsafeBufferPointer(start: counts, count: names.count))
    return SlurmTRES.amounts(array, names: names, isLimit: isLimit)
  }
}
