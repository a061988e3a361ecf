internal import CSlurm
internal import Model

/// Slurm's numbers of the TRES that a site tracks, and its units: memory is in MiB there, in bytes here.
struct TRESTable: Sendable {
  /// Those every release has had under these numbers; all others are a site's own.
  private static let fixed: [(UInt32, String)] = [
    (1, "cpu"), (2, "mem"), (3, "energy"), (4, "node"), (5, "billing"), (7, "vmem"), (8, "pages"),
  ]
  private static let mebibyte: Int64 = 1 << 20

  private var names: [UInt32: TRES] = [:]
  private var numbers: [TRES: UInt32] = [:]

  init() { for (number, name) in Self.fixed { insert(number, name) } }

  /// Asks slurmdbd.
  init(from database: DatabaseConnection) throws(SlurmFault) {
    self.init()
    var condition = unsafe slurmdb_tres_cond_t()
    unsafe slurmdb_init_tres_cond(&condition, false)
    let list = try unsafe database.query("read the TRES from slurmdbd") { connection in
      unsafe slurmdb_tres_get(connection, &condition)
    }
    var found: [(UInt32, String)] = []
    unsafe forEach(in: list.pointer, of: slurmdb_tres_rec_t.self) { record in
      guard let type = unsafe text(record.pointee.type) else { return }
      let name = unsafe text(record.pointee.name).map { "\(type)/\($0)" } ?? type
      found.append((unsafe record.pointee.id, name))
    }
    for (number, name) in found { insert(number, name) }
  }

  init(_ pairs: [(UInt32, String)]) {
    self.init()
    for (number, name) in pairs { insert(number, name) }
  }

  private mutating func insert(_ number: UInt32, _ name: String) {
    guard let tres = try? TRES(slurm: name) else { return }
    names[number] = tres
    numbers[tres] = number
  }

  /// Reads a limit string such as `1=6,2=4096,1001=1`. Nil when it has a number that isn't known here.
  func amounts(_ limits: String) -> TRESAmounts? {
    var result = TRESAmounts()
    for part in limits.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let number = UInt32(sides[0]) else { return nil }
      // -1, and its unsigned form, mean no limit.
      guard let value = Int64(sides[1]), value >= 0 else { continue }
      guard let tres = names[number] else {
        // TRES that this release of Sluice has no name for limit nothing it writes.
        if number < 1000 { continue }
        return nil
      }
      result[tres] = Self.amount(value, of: tres)
    }
    return result
  }

  /// Reads what a job had, as accounting writes it: as limits are, by number. TRES without a name here, and those that
  /// are no amounts held (energy), are left out.
  func allocated(_ list: String) -> TRESAmounts {
    var result = TRESAmounts()
    for part in list.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let number = UInt32(sides[0]), let value = Int64(sides[1]), value >= 0,
        let tres = names[number], tres.name != "energy", result.count < TRESAmounts.most
      else { continue }
      result[tres] = Self.amount(value, of: tres)
    }
    return result
  }

  /// The fields that set `limits` and lift those of `cleared`. Memory is rounded down to whole MiB.
  func fields(for limits: TRESAmounts, cleared: [TRES]) throws(UnknownTRES) -> LimitFields {
    LimitFields(
      tres: try limitString(limits, cleared: cleared),
      jobs: LimitFields.jobs(.runningJobs, limits, cleared: cleared),
      submitJobs: LimitFields.jobs(.submittedJobs, limits, cleared: cleared))
  }

  private func limitString(_ limits: TRESAmounts, cleared: [TRES]) throws(UnknownTRES) -> String {
    var parts: [String] = []
    for (tres, amount) in limits where !tres.countsJobs {
      guard let number = numbers[tres] else { throw UnknownTRES(tres: tres) }
      parts.append("\(number)=\(Self.native(amount, of: tres))")
    }
    for tres in cleared {
      // What isn't tracked can have no limit to lift.
      if let number = numbers[tres] { parts.append("\(number)=-1") }
    }
    return parts.joined(separator: ",")
  }

  /// Whether a limit of it can be written.
  func takes(_ tres: TRES) -> Bool { tres.countsJobs || numbers[tres] != nil }

  private static let mostLicenses = TRESAmounts.most / 2

  /// Of a cluster's licenses those of job types, then those that can be capped: a site may have more of them than amounts
  /// can name.
  func known(_ licenses: [(tres: TRES, total: Amount)]) -> TRESAmounts {
    let ofTypes = licenses.filter { $0.tres.jobType != nil }
    let others = licenses.filter { $0.tres.jobType == nil && takes($0.tres) }
    return TRESAmounts((ofTypes + others).prefix(Self.mostLicenses).map { ($0.tres, $0.total) })
  }

  struct UnknownTRES: Error {
    let tres: TRES
  }

  /// `value` in Slurm's unit of `tres`.
  static func amount(_ value: Int64, of tres: TRES) -> Amount {
    guard tres.isMemory else { return Amount(units: value) }
    let (bytes, overflow) = value.multipliedReportingOverflow(by: mebibyte)
    return overflow ? .unbounded : Amount(units: bytes)
  }

  static func native(_ amount: Amount, of tres: TRES) -> Int64 {
    tres.isMemory ? amount.units / mebibyte : amount.units
  }

  /// What a limit of `amount` becomes once Slurm holds it.
  static func rounded(_ amount: Amount, of tres: TRES) -> Amount {
    self.amount(native(amount, of: tres), of: tres)
  }

  /// Reads what jobs, nodes and partitions carry, such as `cpu=4,mem=2G,node=1,gres/gpu=2`. TRES that Sluice
  /// has no name for are left out.
  static func amounts(named list: String?) -> TRESAmounts {
    var result = TRESAmounts()
    for part in (list ?? "").split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let tres = try? TRES(slurm: String(sides[0])) else { continue }
      result[tres] = try? Amount(parsing: String(sides[1]), of: tres)
    }
    return result
  }
}
