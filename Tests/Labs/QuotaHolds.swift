import Foundation
import Testing

/// What a project's quota must do on real clusters; each test has a project and a Sluice of its own.
final class Grant: Sendable {
  let lab: Lab
  let sluice: SluiceLab
  let account: String

  /// A project named like its account, with `cpu` CPUs over both clusters, and everything confirmed.
  init(cpu: Int, drift: String = "restore", on lab: Lab? = nil, bySSH: Bool = false) throws {
    self.lab = try lab ?? Lab.shared.get()
    account = Lab.newName()
    sluice = try SluiceLab(self.lab, name: account, drift: drift, bySSH: bySSH)
    try sluice.start()
    try setCap(cpu)
    guard waitUntil(seconds: 20, { (try? self.state()) == "ok" }) else {
      throw CommandFailure(description: "\(account) is not ok: \(try quota())\n\(sluice.sluiced.log)")
    }
  }

  func setCap(_ cpu: Int) throws {
    try sluice.apply(
      """
      projects:
        - name: \(account)
          limits: {cpu: \(cpu)}
          members: {alice: admin, bob: user}
          clusters: {alpha: {account: \(account)}, beta: {account: \(account)}}
      """)
  }

  func quota() throws -> [String: Any] {
    try sluice.sluice(["quota", "show", account]) as? [String: Any] ?? [:]
  }

  func state() throws -> String { try quota()["state"] as? String ?? "" }
  func reasons() throws -> String { (try quota()["reasons"] as? [String] ?? []).joined(separator: "\n") }

  /// The figures of one cluster, such as `allotment` or `in_force`.
  func figure(_ name: String, _ cluster: Cluster) throws -> Int? {
    let shares = try quota()["clusters"] as? [[String: Any]] ?? []
    let share = shares.first { $0["cluster"] as? String == cluster.rawValue }
    let lines = share?["tres"] as? [[String: Any]] ?? []
    return lines.first?[name] as? Int
  }

  func running(_ cluster: Cluster) throws -> Int {
    Reading(try lab.jobs(cluster, account: account)).used
  }

  /// What slurmctld itself holds the account to.
  func native(_ cluster: Cluster) throws -> Int? {
    let text = try lab.slurm(
      cluster, ["scontrol", "-o", "show", "assoc_mgr", "accounts=\(account)", "flags=assoc"]
    ).output
    let line = text.split(separator: "\n").first { $0.contains("Account=\(account) UserName= ") }
    guard let limit = line?.split(separator: " ").first(where: { $0.hasPrefix("GrpTRES=") }) else {
      return nil
    }
    return limit.split(separator: "=", maxSplits: 1).last?.split(separator: ",").first {
      $0.hasPrefix("cpu=")
    }
    .flatMap { Int($0.dropFirst(4).prefix { $0.isNumber }) }
  }

  /// Jobs of 1 to 3 CPUs and 1 to 3 seconds, by two users, in turn on the given clusters: the same ones each time.
  func submitMix(_ count: Int, to clusters: [Cluster]) throws {
    try Self.submitMix(count, to: clusters, account: account, lab: lab)
  }

  static func submitMix(_ count: Int, to clusters: [Cluster], account: String, lab: Lab) throws {
    for number in 0..<count {
      try lab.submit(
        clusters[number % clusters.count], account: account, user: number % 3 == 0 ? "bob" : "alice",
        cpus: number % 3 + 1, seconds: Double(number / 3 % 3 + 1))
    }
  }

  /// Waits until nothing of the account is left. After a crash slurmctld may give a job the number of one whose
  /// process is still on the node; the launch fails, and Slurm holds the job for an operator, who releases it.
  func waitForAllJobs(seconds: Double) throws -> Bool {
    try waitUntil(seconds: seconds) {
      let jobs = try Cluster.allCases.map { ($0, try lab.jobs($0, account: account)) }
      for (cluster, rows) in jobs {
        for job in rows where job.reason == "launch failed requeued held" {
          try lab.slurm(cluster, ["scontrol", "release", "\(job.id)"])
        }
      }
      return jobs.allSatisfy { $0.1.isEmpty }
    }
  }

  func end() {
    try? lab.cancelAll(account: account)
    sluice.stop()
  }
}
