import Foundation
import Ledger
import Testing

/// One allocation, as sacct and as the ledger tell it.
struct Run: Hashable, CustomStringConvertible {
  let cluster: String
  let job: String
  let account: String
  let user: String
  let submitted: String
  let started: String
  let ended: String
  let seconds: String
  let tres: [String: Int]

  var description: String {
    let amounts = tres.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
    return "\(cluster)/\(job) \(account) \(user) \(submitted) \(started)-\(ended) \(seconds) s \(amounts)"
  }

  /// Reads `cpu=4,mem=2G`; memory in MiB, as sacct writes it without conversion.
  static func amounts(_ text: some StringProtocol) -> [String: Int] {
    var amounts: [String: Int] = [:]
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=")
      guard sides.count == 2, let value = Int(sides[1].prefix { $0.isNumber }) else { continue }
      amounts[String(sides[0])] = sides[1].hasSuffix("G") ? value * 1024 : value
    }
    return amounts
  }
}

extension Run {
  private static let fields = "jobidraw,account,user,submit,start,end,elapsedraw,alloctres"

  /// By sacct: all that held anything and has ended, and whether something has not. Asked by time alone, sacct hides
  /// jobs whose numbers a killed slurmctld gave away anew; asked by number, it has them.
  static func told(by lab: Lab, _ cluster: Cluster) throws -> (runs: [Run], isComplete: Bool) {
    func rows(_ fields: String, _ more: [String] = []) throws -> [[String]] {
      try lab.slurm(
        cluster,
        [
          "env", "SLURM_TIME_FORMAT=%s", "sacct", "-nPDXa", "--noconvert", "-S", "now-1hour", "-o", fields,
        ] + more
      ).lines.map { $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init) }
    }
    let highest = try rows("jobidraw").compactMap { $0.first.flatMap { Int($0) } }.max() ?? 1
    let numbers = (1...highest).map(String.init).joined(separator: ",")
    let all = try rows(fields, ["-j", numbers])
    // Without a start it held nothing, whatever slurmctld had given it before it was killed.
    let held = all.filter { $0.count == 8 && !$0[7].isEmpty && $0[4] != "None" }
    let runs = held.map { row in
      Run(
        cluster: cluster.rawValue, job: row[0], account: row[1], user: row[2], submitted: row[3],
        started: row[4], ended: row[5], seconds: row[6], tres: amounts(row[7]))
    }
    return (runs.filter { $0.ended != "Unknown" }, runs.allSatisfy { $0.ended != "Unknown" })
  }

  /// What the ledger has, from a copy of it.
  static func charged(by sluice: SluiceLab) throws -> [Run] {
    let copy = "\(sluice.folder)/copy-\(UUID().uuidString.prefix(8)).sqlite"
    try sluice.sluice(["admin", "backup", copy])
    var runs: [Run] = []
    let faults = try SQLiteLedger.inspect(fileAt: copy) { entry in
      guard case .charge(let charge) = entry else { return }
      runs.append(
        Run(
          cluster: charge.cluster, job: charge.job, account: charge.account, user: charge.user,
          submitted: "\(charge.submittedAt)", started: "\(charge.startedAt)", ended: "\(charge.endedAt)",
          seconds: "\(charge.seconds)", tres: amounts(charge.tres)))
    }
    #expect(faults == [])
    return runs
  }

  /// That the ledger has each once, and no other; else what sacct has of the others' jobs is told.
  static func expectEqual(_ ledger: [Run], _ truth: [Run], _ lab: Lab) throws {
    let missing = Set(truth).subtracting(ledger)
    let strange = Set(ledger).subtracting(truth)
    #expect(missing == [], "not charged")
    #expect(strange == [], "charged, and unknown to sacct")
    #expect(ledger.count == truth.count, "each once")
    for cluster in Cluster.allCases {
      let jobs = Set(missing.union(strange).filter { $0.cluster == cluster.rawValue }.map(\.job))
      guard !jobs.isEmpty else { continue }
      let rows = try lab.slurm(
        cluster,
        [
          "env", "SLURM_TIME_FORMAT=%s", "sacct", "-PDXa", "-S", "now-1hour", "-j",
          jobs.sorted().joined(separator: ","), "-o", "dbindex,state,\(fields)",
        ])
      Issue.record("\(cluster) has of these jobs:\n\(rows.output)")
    }
  }
}
