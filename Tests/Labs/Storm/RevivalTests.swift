import Foundation
import Testing

extension LabSuite {
  /// The one thing that Slurm itself gets wrong: a controller that starts without slurmdbd after a crash has the
  /// limits of its last save.
  @Suite(.serialized) struct RevivalTests {
    @Test func theRevivalOfAnOldLimitIsDetectedAndReported() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let grant = try Grant(cpu: 8, on: lab)
      defer { grant.end() }
      let old = try saveLargeLimit(grant)
      let others = try moveAway(from: old, grant)

      try lab.control("kill", "slurmctld-alpha")
      try lab.control("kill", "slurmdbd")
      try lab.control("start", "slurmctld-alpha")
      #expect(try grant.native(.alpha) == 8, "the old limit is back")

      #expect(
        try waitUntil(seconds: 30) { try grant.figure("in_force", .alpha) == 8 }, "it counts as in force")
      #expect(try waitUntil(seconds: 10) { try grant.state() == "drift" })
      #expect(try grant.reasons().contains("alpha: its controller started anew with an old limit, cpu=8"))
      let status = try grant.sluice.run(["status"])
      #expect(status.output.contains("its controller started anew with an old limit"), "\(status.output)")
      #expect(
        try waitUntil(seconds: 60) { try grant.sluice.run(["status"]).output.contains("slurmdbd") },
        "why it stays: \(grant.sluice.whatItSays)")
      let entries = try grant.audit().filter { $0["action"] as? String == "drift" }
      #expect(entries.map { $0["who"] as? String } == ["controller"])

      // Nobody needs alpha's part any more, but as long as it may be used there, it grows nowhere else.
      try lab.slurm(.alpha, ["scancel", "-A", grant.account])
      #expect(try waitUntil(seconds: 30) { try grant.running(.alpha) == 0 })
      Thread.sleep(forTimeInterval: 8)
      #expect(try grant.native(.beta) == others)
      #expect(try grant.running(.beta) == others)

      try lab.control("start", "slurmdbd")
      #expect(try waitUntil(seconds: 90) { try grant.running(.beta) == 8 }, "put right, it grows")
      #expect(try grant.native(.alpha) == 0)
      #expect(try waitUntil(seconds: 30) { try grant.state() == "ok" })
    }

    /// Alpha has all of the quota at the moment of its controller's last save. Returns its jobs.
    private func saveLargeLimit(_ grant: Grant) throws -> [Int] {
      let jobs = try (0..<8).map { _ in
        try grant.lab.submit(.alpha, account: grant.account, seconds: 600)
      }
      try #require(waitUntil(seconds: 60) { try grant.running(.alpha) == 8 && grant.native(.alpha) == 8 })
      try grant.lab.control("term", "slurmctld-alpha")
      try grant.lab.control("start", "slurmctld-alpha")
      try #require(waitUntil(seconds: 60) { try grant.state() == "ok" })
      return jobs
    }

    /// Most of it moves to beta, where jobs wait. Returns how much.
    private func moveAway(from jobs: [Int], _ grant: Grant) throws -> Int {
      for _ in 0..<12 { try grant.lab.submit(.beta, account: grant.account, seconds: 600) }
      for job in jobs.dropLast(2) { try grant.lab.slurm(.alpha, ["scancel", "\(job)"]) }
      try #require(
        waitUntil(seconds: 60) {
          try grant.running(.beta) == 6 && grant.native(.alpha) == 2 && grant.state() == "ok"
        })
      return 6
    }
  }
}
