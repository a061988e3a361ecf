internal import CSlurm
internal import Model

/// What of an association's record holds its limits: GrpTRES by the TRES' numbers, and the two that count jobs.
struct LimitFields: Hashable, Sendable, Comparable {
  /// Such as `1=6,1001=-1`; what isn't named stays as it is.
  var tres: String
  /// nil leaves it as it is; Slurm's INFINITE lifts it.
  var jobs: UInt32?
  var submitJobs: UInt32?

  var isEmpty: Bool { tres.isEmpty && jobs == nil && submitJobs == nil }

  static func jobs(_ tres: TRES, _ limits: TRESAmounts, cleared: [TRES]) -> UInt32? {
    if let amount = limits[tres] { return UInt32(clamping: min(amount.units, mostJobs)) }
    return cleared.contains(tres) ? sluice_infinite : nil
  }

  /// The numbers above stand for "not set" and "no limit".
  private static let mostJobs = Int64(sluice_no_value) - 2

  @safe
  func write(to record: inout slurmdb_assoc_rec_t, _ strings: CStrings) {
    if !tres.isEmpty { unsafe record.grp_tres = unsafe strings(tres) }
    if let jobs { unsafe record.grp_jobs = jobs }
    if let submitJobs { unsafe record.grp_submit_jobs = submitJobs }
  }

  static func < (left: LimitFields, right: LimitFields) -> Bool {
    (left.tres, left.jobs ?? 0, left.submitJobs ?? 0) < (right.tres, right.jobs ?? 0, right.submitJobs ?? 0)
  }
}

extension TRESTable {
  /// What a record limits; nil when GrpTRES has a number that isn't known here.
  @safe
  func limits(of record: slurmdb_assoc_rec_t) -> TRESAmounts? {
    guard var limits = unsafe amounts(text(record.grp_tres) ?? "") else { return nil }
    limits[.runningJobs] = unsafe value(record.grp_jobs).map { Amount(units: $0) }
    limits[.submittedJobs] = unsafe value(record.grp_submit_jobs).map { Amount(units: $0) }
    return limits
  }
}
