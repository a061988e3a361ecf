internal import Model

/// Slurm's amounts by name. Slurm counts memory in megabytes; everything else here is in base units.
enum SlurmTRES {
  static let bytesPerMegabyte: Int64 = 1 << 20

  static func amount(_ count: UInt64, of tres: TRES) -> Amount {
    let units = Int64(clamping: count)
    return tres.isMemory ? Amount(units: saturating(units, times: bytesPerMegabyte)) : Amount(units: units)
  }

  /// What Slurm can be told: whole megabytes, rounded down so that no limit is looser than decided.
  static func count(_ amount: Amount, of tres: TRES) -> Int64 {
    tres.isMemory ? amount.units / bytesPerMegabyte : amount.units
  }

  private static func saturating(_ units: Int64, times factor: Int64) -> Int64 {
    let (product, overflow) = units.multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
  }

  /// From `cpu=3,mem=300M,gres/gpu:h100=1`, as jobs and nodes have it. What Sluice has no name for is left out.
  static func amounts(formatted text: String?) -> TRESAmounts {
    var amounts = TRESAmounts()
    for part in (text ?? "").split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2, let tres = try? TRES(String(sides[0])),
        let amount = try? Amount(parsing: String(sides[1]), of: tres)
      else { continue }
      amounts[tres] = amount
    }
    return amounts
  }

  /// From an array in the order of `names`; what is not set is left out.
  static func amounts(_ counts: [UInt64], names: [TRES?], isLimit: Bool) -> TRESAmounts {
    var amounts = TRESAmounts()
    for (count, tres) in zip(counts, names) {
      guard let tres, let known = Int64(slurm: count) else { continue }
      if isLimit || known > 0 { amounts[tres] = amount(UInt64(known), of: tres) }
    }
    return amounts
  }
}

/// The ids that slurmdbd gave to TRES, for the strings that it wants: `1=8,1001=4`.
struct TRESIds: Sendable, Equatable {
  private(set) var ids: [TRES: UInt32] = [:]

  mutating func add(_ id: UInt32, type: String, name: String?) {
    if let tres = try? TRES(name.map { "\(type)/\($0)" } ?? type) { ids[tres] = id }
  }

  func knows(_ tres: TRES) -> Bool { ids[tres] != nil }

  /// Slurm's string for setting `limits` and lifting `cleared`. TRES without an id are left out.
  func text(_ limits: TRESAmounts, cleared: [TRES] = []) -> String {
    let set = limits.compactMap { tres, amount in
      ids[tres].map { "\($0)=\(SlurmTRES.count(amount, of: tres))" }
    }
    let lifted = cleared.compactMap { tres in ids[tres].map { "\($0)=-1" } }
    return (set + lifted).joined(separator: ",")
  }
}
