import Model
import Wire

enum Samples {
  static func quota(
    _ project: String = "genomics", _ state: QuotaStatus.State = .ok, reasons: [String] = [], cap: Int64 = 8,
    used: Int64 = 4
  ) throws -> QuotaStatus {
    let alpha = QuotaShare(
      cluster: try ClusterName("alpha"), account: try AccountName(project), isReachable: true,
      isConfirmed: true,
      accountExists: true, runningJobs: 2, pendingJobs: 1,
      tres: [share(.cpu, allotment: 6, inForce: 6, used: used, pending: 2, native: 6)])
    let beta = QuotaShare(
      cluster: try ClusterName("beta"), account: try AccountName("gen"), isReachable: false,
      isConfirmed: false,
      accountExists: false, runningJobs: 0, pendingJobs: 0,
      tres: [share(.cpu, allotment: 2, inForce: 2, used: 0, pending: 0, native: nil)])
    let line = QuotaLine(
      tres: .cpu, cap: Amount(units: cap), used: Amount(units: used), pending: Amount(units: 2),
      inForce: Amount(units: 8))
    return QuotaStatus(
      project: try ProjectName(project), state: state, reasons: reasons, tres: [line],
      clusters: [alpha, beta])
  }

  private static func share(
    _ tres: TRES, allotment: Int64, inForce: Int64, used: Int64, pending: Int64, native: Int64?
  ) -> ShareLine {
    ShareLine(
      tres: tres, allotment: Amount(units: allotment), inForce: Amount(units: inForce),
      used: Amount(units: used), pending: Amount(units: pending), native: native.map { Amount(units: $0) })
  }

  static func project(_ name: String = "genomics") throws -> Project {
    Project(
      name: try ProjectName(name), limits: try TRESAmounts(parsing: "cpu=8,mem=16G"),
      members: [try UserName("alice"): .admin],
      clusters: [
        try ClusterName("alpha"): ClusterBinding(account: try AccountName(name)),
        try ClusterName("beta"): ClusterBinding(
          account: try AccountName("gen"), parent: try AccountName("bio")),
      ])
  }

  static func entry(_ id: Int64) -> AuditEntry {
    AuditEntry(
      id: id, at: Timestamp(seconds: 1_764_016_200 + id), who: "root", action: "project.set",
      project: "genomics", cluster: nil, from: nil, to: "cpu=8", reason: "a|b, \"c\"")
  }
}
