internal import CSlurm
internal import Glibc
internal import Model
internal import Wire

/// The accounting tree as far as voids and tallies need it: a row an account and none a user, of whom a large site
/// has ten thousands.
struct TreeSketch: Sendable {
  struct Account: Sendable {
    var parent: String?
    /// Each QOS that the account or one of its users may use, once: with the user, if it is a user's alone.
    var ways: [(qos: String, user: String?)] = []

    mutating func add(_ qos: String, user: String?) {
      guard let index = ways.firstIndex(where: { $0.qos == qos }) else { return ways.append((qos, user)) }
      if user == nil { ways[index].user = nil }
    }
  }

  var accounts: [String: Account] = [:]
  var qos: [QualityOfService] = []
  /// The TRES that the cluster tracks.
  var tracked: [TRES] = []
}

extension TreeSketch {
  /// Asks slurmctld: for `accounts` alone, or for all when nil; and for every QOS.
  init(of accounts: [String]?, table: TRESTable) throws(SlurmFault) {
    let answer = try AssociationManagerAnswer(accounts: accounts, withQOS: true)
    let places = answer.places
    tracked = places.compactMap { $0 }
    unsafe forEach(in: answer.message.pointee.qos_list, of: slurmdb_qos_rec_t.self) { record in
      unsafe qos.append(QualityOfService(slurm: record.pointee, table: table, places: places))
    }
    var names: [UInt32: String] = [:]
    for row in qos { names[UInt32(row.id)] = row.name }
    var reader = AssociationReader(qosNames: names)
    unsafe forEach(in: answer.message.pointee.assoc_list, of: slurmdb_assoc_rec_t.self) { record in
      unsafe reader.read(record)
    }
    self.accounts = reader.finish()
  }
}

/// Reads associations in slurmctld's order, where those of one account mostly follow one another: then only what
/// differs from the row before costs anything.
@safe
private struct AssociationReader {
  private let qosNames: [UInt32: String]
  private var accounts: [String: TreeSketch.Account] = [:]
  private var name = ""
  /// slurmctld's text of it.
  private var nameText: UnsafeMutablePointer<CChar>?
  private var current = TreeSketch.Account()
  /// The QOS that `current` has by a row of the account's own, or by any.
  private var own: Set<UInt32> = []
  private var known: Set<UInt32> = []

  init(qosNames: [UInt32: String]) { self.qosNames = qosNames }

  mutating func read(_ record: UnsafeMutablePointer<slurmdb_assoc_rec_t>) {
    guard let account = unsafe record.pointee.acct else { return }
    if unsafe nameText.map({ unsafe strcmp(account, $0) != 0 }) ?? true {
      unsafe nameText = account
      unsafe turn(to: String(cString: account))
    }
    let user = unsafe record.pointee.user
    let isOwn = unsafe user == nil || user?.pointee == 0
    if isOwn { current.parent = unsafe text(record.pointee.parent_acct) }
    unsafe forEach(in: record.pointee.qos_list, of: CChar.self) { number in
      unsafe note(UInt32(truncatingIfNeeded: strtoul(number, nil, 10)), user: user, isOwn: isOwn)
    }
    let usual = unsafe record.pointee.def_qos_id
    if usual != 0, usual != sluice_no_value { unsafe note(usual, user: user, isOwn: isOwn) }
  }

  mutating func finish() -> [String: TreeSketch.Account] {
    turn(to: "")
    return accounts
  }

  private mutating func note(_ number: UInt32, user: UnsafeMutablePointer<CChar>?, isOwn: Bool) {
    let isNews = isOwn ? own.insert(number).inserted : !known.contains(number)
    guard isNews, let qos = qosNames[number] else { return }
    known.insert(number)
    current.add(qos, user: isOwn ? nil : unsafe text(user))
  }

  private mutating func turn(to next: String) {
    if !name.isEmpty { accounts[name] = current }
    name = next
    current = accounts[next] ?? TreeSketch.Account()
    own = []
    known = []
  }
}
