internal import CSlurm
internal import Model
internal import Wire

/// Every association and QOS as slurmctld has them.
struct AccountingTree: Sendable {
  /// Parents before their children.
  var associations: [Association]
  var qos: [QualityOfService]

  init(table: TRESTable) throws(SlurmFault) {
    let answer = try AssociationManagerAnswer(accounts: nil, withQOS: true)
    let places = answer.places
    var qos: [QualityOfService] = []
    unsafe forEach(in: answer.message.pointee.qos_list, of: slurmdb_qos_rec_t.self) { record in
      unsafe qos.append(QualityOfService(slurm: record.pointee, table: table, places: places))
    }
    var names: [UInt32: String] = [:]
    for row in qos { names[UInt32(row.id)] = row.name }
    var associations: [Association] = []
    unsafe forEach(in: answer.message.pointee.assoc_list, of: slurmdb_assoc_rec_t.self) { record in
      unsafe associations.append(
        Association(slurm: record.pointee, table: table, places: places, qosNames: names))
    }
    self.associations = Self.parentsFirst(associations)
    self.qos = qos.sorted { $0.id < $1.id }
  }

  /// Depth first from the root; what hangs on nothing comes last.
  static func parentsFirst(_ rows: [Association]) -> [Association] {
    var children: [String: [Association]] = [:]
    var users: [String: [Association]] = [:]
    var waiting: [Association] = []
    for row in rows.sorted(by: { $0.id < $1.id }) {
      if row.user != nil {
        users[row.account, default: []].append(row)
      } else if let parent = row.parent {
        children[parent, default: []].append(row)
      } else {
        waiting.append(row)
      }
    }
    var result: [Association] = []
    while let row = waiting.popLast() {
      result.append(row)
      result += users.removeValue(forKey: row.account) ?? []
      waiting += (children.removeValue(forKey: row.account) ?? []).reversed()
    }
    let left = Array(children.values.joined()) + Array(users.values.joined())
    return result + left.sorted { $0.id < $1.id }
  }
}
