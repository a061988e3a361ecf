import Foundation
import Synchronization

/// Two clusters whose slurmctlds ask `job_submit.lua`, and Sluice beside them with a project that is capped. At alpha
/// a request for GPUs without their type is refused; at beta it is given one.
final class HookLab: Sendable {
  /// All have this one, and the hook is answered within 50 ms or not at all: so those are in `TimedSuite`.
  static let shared = Result { try HookLab() }

  let lab: Lab
  let sluice: SluiceLab
  let account: String
  /// alice's default account, which Sluice doesn't know.
  let plain: String
  private let age = Atomic(0)

  private init() throws {
    lab = try Lab(options: [
      "--scheduling", "fast", "--job-submit", "\(Lab.slurmConfFolder)/job_submit.lua",
    ])
    account = Lab.newName()
    plain = try lab.newAccount(users: ["alice"])
    sluice = try SluiceLab(lab, name: "sluice", logLevel: "debug", hookAccount: account)
    for cluster in Cluster.allCases { try ask(socket(cluster), of: cluster) }
    try sluice.start()
    try sluice.apply(
      """
      projects:
        - name: \(account)
          limits: {cpu: 16, mem: 64G, node: 2, gres/gpu: 6, "gres/gpu:h100": 4, license/matlab: 3, jobs/submitted: 1000}
          members: {alice: user}
          clusters: {alpha: {account: \(account)}, beta: {account: \(account)}}
      """,
      // Slurm itself would not hold GPUs without a type to the cap on one.
      options: ["--accept-unenforced"])
    let isTold = waitUntil(seconds: 20) {
      Cluster.allCases.allSatisfy { cluster in
        ((try? sbatch(cluster, ["--test-only", "-n17"]).errors) ?? "").contains("may use 16 cpu")
          && (try? sbatch(cluster, ["--test-only", "-n16"]).status) == 0
      }
    }
    guard isTold else { throw CommandFailure(description: "the hook denies nothing\n\(sluice.whatItSays)") }
  }

  func socket(_ cluster: Cluster) -> String { "\(sluice.folder)/\(cluster)/admission.sock" }

  /// Has the cluster's slurmctld ask at `socket` from the next submission on.
  func ask(_ socket: String, of cluster: Cluster, failMode: String = "open") throws {
    let folder = "\(lab.folder)/etc/\(cluster)"
    let hook = "\(folder)/job_submit.lua"
    if !FileManager.default.fileExists(atPath: "\(folder)/sluice.lua") {
      try Command.succeed(["cp", hook, "\(folder)/sluice.lua"])
    }
    try """
    sluice = { socket = "\(socket)", fail_mode = "\(failMode)" }
    return dofile("\(folder)/sluice.lua")

    """.write(toFile: hook, atomically: true, encoding: .utf8)
    // slurmctld goes by the file's time, in whole seconds.
    let now = age.add(2, ordering: .relaxed).newValue
    try Command.succeed(["touch", "-d", "now + \(now) seconds", hook])
  }

  /// Submits a job that is held, as alice, and gives what sbatch says.
  func sbatch(
    _ cluster: Cluster, _ options: [String], parts: [String] = [], saysAccount: Bool = true
  ) throws -> CommandResult {
    let job = "\(lab.folder)/bin/job.sh"
    if !FileManager.default.fileExists(atPath: job) {
      try Command.succeed(["install", "-d", "\(lab.folder)/bin"])
      try "#!/bin/sh\nexec sleep 60\n".write(toFile: job, atomically: true, encoding: .utf8)
    }
    let said = saysAccount ? ["--account=\(account)"] : []
    let command =
      ["sbatch", "--parsable", "--hold", "--output=/dev/null", "--chdir=/tmp"] + said + options + parts + [
        job
      ]
    return try Command.run(
      Command.asUser("alice", command), environment: ["SLURM_CONF": lab.slurmConf(cluster)])
  }

  /// The id of a job that the hook let in.
  func submit(_ cluster: Cluster, _ options: [String]) throws -> String {
    let result = try sbatch(cluster, options)
    guard result.status == 0, let id = result.lines.first else {
      throw CommandFailure(description: "sbatch \(options): \(result.errors)")
    }
    return id
  }

  func update(_ cluster: Cluster, _ job: String, _ change: String) throws -> CommandResult {
    try Command.run(
      Command.asUser("alice", ["scontrol", "update", "jobid=\(job)", change]),
      environment: ["SLURM_CONF": lab.slurmConf(cluster)])
  }

  func show(_ cluster: Cluster, _ job: String) throws -> String {
    try lab.slurm(cluster, ["scontrol", "-o", "show", "job", job]).output
  }

  /// What slurmctld's log says of answers that did not come, from `mark` on.
  func complaints(_ cluster: Cluster, after mark: Int) throws -> [String] {
    Array(try allComplaints(cluster).dropFirst(mark))
  }

  func complaintCount(_ cluster: Cluster) throws -> Int { try allComplaints(cluster).count }

  private func allComplaints(_ cluster: Cluster) throws -> [String] {
    try String(contentsOfFile: "\(lab.folder)/log/slurmctld-\(cluster).log", encoding: .utf8)
      .split(separator: "\n").map(String.init).filter { $0.contains("sluice: no decision") }
  }
}
