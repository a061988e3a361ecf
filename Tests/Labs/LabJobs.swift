import Foundation
import Synchronization

/// What squeue tells about a job.
struct LabJob: Equatable, Sendable {
  let id: Int
  let state: String
  let cpus: Int
  let reason: String

  /// From a line of `squeue -o '%A|%T|%C|%r'`; nil when it is no such line.
  init?(line: String) {
    let fields = line.split(separator: "|", omittingEmptySubsequences: false)
    guard fields.count == 4, let id = Int(fields[0]), let cpus = Int(fields[2]) else { return nil }
    self.id = id
    self.cpus = cpus
    state = String(fields[1])
    reason = String(fields[3])
  }
}

extension Lab {
  private static let names = Atomic(0)

  /// A name that no other test of this process has: for an account, a project, a folder.
  static func newName(_ prefix: String = "lab") -> String {
    "\(prefix)\(names.add(1, ordering: .relaxed).newValue)"
  }

  /// An account of its own on both clusters, with these users, and perhaps a native limit such as `cpu=8`.
  func newAccount(
    users: [String] = ["alice", "bob"], limit: String? = nil, prefix: String = "lab"
  ) throws -> String {
    let account = Self.newName(prefix)
    try addAccount(account, users: users)
    if let limit { try setLimit(limit, account: account, clusters: Cluster.allCases) }
    return account
  }

  func addAccount(_ account: String, users: [String]) throws {
    try slurm(.alpha, ["sacctmgr", "-iQ", "add", "account", account, "cluster=alpha,beta"])
    try slurm(
      .alpha,
      [
        "sacctmgr", "-iQ", "add", "user", users.joined(separator: ","), "account=\(account)",
        "cluster=alpha,beta",
      ])
  }

  /// Sets GrpTRES as an administrator would, past Sluice; `cpu=-1` clears.
  func setLimit(_ limit: String, account: String, clusters: [Cluster]) throws {
    let names = clusters.map(\.rawValue).joined(separator: ",")
    try slurm(
      .alpha,
      [
        "sacctmgr", "-iQ", "modify", "account", "where", "name=\(account)", "cluster=\(names)", "set",
        "GrpTRES=\(limit)",
      ])
  }

  /// The account's GrpTRES as slurmdbd has it, such as `cpu=8`; empty when there is none.
  func storedLimit(account: String, _ cluster: Cluster) throws -> String {
    try slurm(
      .alpha,
      [
        "sacctmgr", "-nP", "show", "assoc", "account=\(account)", "cluster=\(cluster)", "user=",
        "format=GrpTRES",
      ]
    ).lines.first ?? ""
  }

  /// Submits `seconds` of sleep as `user`, and gives the job's id.
  @discardableResult
  func submit(
    _ cluster: Cluster, account: String, user: String = "alice", cpus: Int = 1, seconds: Double,
    options: [String] = [], timeout: Int = 60
  ) throws -> Int {
    let result = try slurm(
      cluster,
      [
        "sbatch", "--parsable", "--chdir=/tmp", "--output=/dev/null", "--account=\(account)", "--ntasks=1",
        "--cpus-per-task=\(cpus)", "--mem=1M",
      ] + options + ["--wrap", "exec sleep \(seconds)"], as: user,
      timeout: timeout)
    guard let id = result.lines.first.flatMap({ Int($0) }) else {
      throw CommandFailure(description: "sbatch said '\(result.output)'")
    }
    return id
  }

  /// The account's jobs that have not ended.
  func jobs(_ cluster: Cluster, account: String) throws -> [LabJob] {
    try slurm(cluster, ["squeue", "-hr", "-A", account, "-o", "%A|%T|%C|%r"]).lines.compactMap {
      LabJob(line: $0)
    }
  }

  /// Waits until nothing of the accounts is left, and tends the clusters meanwhile: one whose controller was killed
  /// may need it.
  func waitForAllJobs(of accounts: [String], seconds: Double) -> Bool {
    let names = accounts.joined(separator: ",")
    var nextTending = ContinuousClock.now + .seconds(10)
    return waitUntil(seconds: seconds) {
      if ContinuousClock.now >= nextTending {
        for cluster in Cluster.allCases { try? tend(cluster) }
        nextTending = .now + .seconds(10)
      }
      // A controller that has just started, or reads its configuration, may not answer.
      return Cluster.allCases.allSatisfy { (try? jobs($0, account: names))?.isEmpty ?? false }
    }
  }

  /// For the report of a failure: all jobs and nodes.
  var whatRuns: String {
    get throws {
      try Cluster.allCases.flatMap {
        try [slurm($0, ["squeue", "-ar"]).output, slurm($0, ["sinfo", "-N", "-o", "%N %T %E"]).output]
      }.joined(separator: "\n")
    }
  }

  func cancelAll(account: String) throws {
    for cluster in Cluster.allCases { try slurm(cluster, ["scancel", "-A", account]) }
  }
}
