import Foundation
import Testing

extension LabSuite {
  /// An older ledger put back, while the clusters hold what it has never heard of.
  @Suite(.serialized) struct RecoveryTests {
    private let files = FileManager.default

    @Test func aRestoredBackupGrowsNothingBeforeEachClusterWasRead() throws {
      let grant = try Grant(cpu: 8, on: Lab.quick.get())
      defer { grant.end() }
      let backup = "\(grant.sluice.folder)/backup.sqlite"
      try grant.sluice.sluice(["admin", "backup", backup])
      let check = try grant.sluiced(["--check", "--ledger", backup])
      #expect(check.status == 0 && check.output.contains("The ledger is sound."), "\(check)")
      #expect(check.output.contains("this is a backup"))
      let had = try #require(try grant.native(.alpha))
      try grant.moveAllToAlpha()
      #expect(had < 8, "the backup has another division than the clusters")
      let sampler = Sampler(grant.lab, account: grant.account)
      let limits = LimitSampler(grant)

      grant.sluice.sluiced.kill()
      grant.sluice.agents[.beta]?.stop()
      try grant.putBack(backup)
      let refused = try grant.sluiced([])
      #expect(refused.status == 78)
      #expect(refused.errors.contains("is a backup") && refused.errors.contains("sluiced --recover"))

      try grant.sluice.sluiced.start(with: ["--recover"])
      #expect(
        waitUntil(seconds: 20) { grant.waitsFor("beta") })
      for _ in 0..<12 { try grant.lab.submit(.beta, account: grant.account, seconds: 600) }
      Thread.sleep(forTimeInterval: 5)
      #expect(try grant.running(.beta) == 0 && grant.native(.beta) == 0, "nothing grows")
      #expect(try grant.native(.alpha) ?? 9 <= 8)
      // Dead once more before it is through: the flag is not needed again.
      grant.sluice.sluiced.kill()
      try grant.sluice.sluiced.start()
      Thread.sleep(forTimeInterval: 3)
      #expect(try grant.running(.beta) == 0 && grant.native(.beta) == 0, "still nothing grows")

      try grant.sluice.agents[.beta]?.start()
      #expect(waitUntil(seconds: 30) { grant.waitsFor(nil) })
      try grant.lab.slurm(.alpha, ["scancel", "-A", grant.account])
      #expect(try waitUntil(seconds: 60) { try grant.running(.beta) == 8 && grant.state() == "ok" })
      #expect(Utilization.peak(sampler.stop()) <= 8)
      #expect(limits.stop().max() ?? 9 <= 8)
      #expect(try grant.recoveries().contains("sluiced was started with --recover"))
      let report = try grant.sluice.sluice(["admin", "check"]) as? [String: Any]
      #expect((report?["findings"] as? [Any])?.isEmpty == true, "\(report ?? [:])")
    }

    /// Killed at any moment of its first start from a backup, it is refused anew or goes on, and never just starts.
    @Test func aRecoveryThatIsKilledIsNotForgotten() throws {
      let sluiced = try LoneSluiced()
      defer { sluiced.end() }
      try sluiced.start()
      try sluiced.sluice([
        "project", "set", "p", "--limit", "cpu=8", "--cluster", "alpha", "--cluster", "beta",
      ])
      let backup = "\(sluiced.folder)/backup"
      try sluiced.sluice(["admin", "backup", backup])
      sluiced.process.kill()
      var refused = 0
      for milliseconds in [0, 10, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200] {
        try Command.succeed(["cp", backup, "\(sluiced.folder)/ledger/ledger.sqlite"])
        try sluiced.process.start(with: ["--recover"])
        Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
        sluiced.process.kill()
        if try sluiced.run(["--check"]).output.contains("backup") {
          #expect(try sluiced.run([]).status == 78)
          refused += 1
          continue
        }
        try sluiced.start()
        #expect(
          try sluiced.sluice(["status"]).contains("still to be read: alpha, beta"), "\(milliseconds) ms")
        #expect(try sluiced.sluice(["admin", "check"]).contains("The ledger is sound."))
        sluiced.process.kill()
      }
      print("of 12 killed recoveries \(refused) had not begun")
    }

    /// A raise that the backup has never heard of: what the clusters hold then falls to the old cap, and stays there.
    @Test func aRaiseThatTheBackupDoesNotKnowIsTakenBack() throws {
      let grant = try Grant(cpu: 8, on: Lab.quick.get())
      defer { grant.end() }
      let backup = "\(grant.sluice.folder)/backup.sqlite"
      try grant.sluice.sluice(["admin", "backup", backup])
      try grant.setCap(24)
      #expect(try waitUntil(seconds: 30) { try grant.nativeSum() == 24 && grant.state() == "ok" })
      grant.sluice.sluiced.kill()
      let limits = LimitSampler(grant)
      try grant.putBack(backup)
      try grant.sluice.sluiced.start(with: ["--recover"])
      #expect(try waitUntil(seconds: 60) { try grant.nativeSum() == 8 && grant.state() == "ok" })
      Thread.sleep(forTimeInterval: 2)
      let sums = limits.stop()
      #expect(sums.max() == 24)
      #expect(sums.drop { $0 > 8 }.max() == 8, "once below, never above")
      #expect(zip(sums, sums.dropFirst()).allSatisfy { $0.0 >= $0.1 || $0.1 <= 8 }, "it only falls: \(sums)")
    }

    @Test func aLedgerThatWasCopiedByHandIsFoundOut() throws {
      let grant = try Grant(cpu: 8, on: Lab.quick.get())
      defer { grant.end() }
      let ledger = "\(grant.sluice.folder)/ledger/ledger.sqlite"
      grant.sluice.sluiced.stop()
      #expect(!files.fileExists(atPath: ledger + "-wal"), "all is in the one file")
      try files.copyItem(atPath: ledger, toPath: ledger + ".old")
      try grant.sluice.sluiced.start()
      try grant.moveAllToAlpha()
      let sampler = Sampler(grant.lab, account: grant.account)
      let limits = LimitSampler(grant)
      grant.sluice.sluiced.stop()
      try grant.putBack(ledger + ".old")
      try grant.sluice.sluiced.start()
      for _ in 0..<12 { try grant.lab.submit(.beta, account: grant.account, seconds: 600) }
      #expect(
        waitUntil(seconds: 20) {
          (try? grant.recoveries())?.contains { $0.contains("it is an older copy") } ?? false
        })
      try grant.lab.slurm(.alpha, ["scancel", "-A", grant.account])
      #expect(try waitUntil(seconds: 60) { try grant.running(.beta) == 8 && grant.state() == "ok" })
      #expect(Utilization.peak(sampler.stop()) <= 8)
      #expect(limits.stop().max() ?? 9 <= 8)
    }
  }
}

extension Grant {
  /// Runs sluiced to its end; it may not be one that would serve.
  fileprivate func sluiced(_ arguments: [String]) throws -> CommandResult {
    try Command.run(
      ["\(ServiceProcess.binaries)/sluiced", "--config", "\(sluice.folder)/sluiced.yaml"] + arguments,
      timeout: 20)
  }

  /// Copies `file` to the ledger's place, as an administrator would. What lies beside it is left there.
  fileprivate func putBack(_ file: String) throws {
    try Command.succeed(["cp", file, "\(sluice.folder)/ledger/ledger.sqlite"])
  }

  /// Whether `sluice status` tells that recovery waits for this cluster alone; for none when nil.
  fileprivate func waitsFor(_ cluster: String?) -> Bool {
    guard let status = try? sluice.sluice(["status"]) as? [String: Any],
      let problems = status["problems"] as? [[String: Any]]
    else { return false }
    let messages = problems.filter { $0["subject"] as? String == "recovery" }.map {
      $0["message"] as? String ?? ""
    }
    return cluster.map { name in messages.contains { $0.hasSuffix("still to be read: \(name)") } }
      ?? messages.isEmpty
  }

  /// Why Sluice took its ledger for an older one, each time.
  fileprivate func recoveries() throws -> [String] {
    let audit = try sluice.sluice(["audit", "--all"]) as? [String: Any]
    let entries = audit?["items"] as? [[String: Any]] ?? []
    return entries.filter { $0["action"] as? String == "recover" }.compactMap { $0["reason"] as? String }
  }

  fileprivate func nativeSum() throws -> Int { try (native(.alpha) ?? 0) + (native(.beta) ?? 0) }

  fileprivate func moveAllToAlpha() throws {
    for _ in 0..<8 { try lab.submit(.alpha, account: account, seconds: 600) }
    guard
      try waitUntil(seconds: 30, { try native(.alpha) == 8 && native(.beta) == 0 && running(.alpha) == 8 })
    else { throw CommandFailure(description: "alpha has not got all: \(try quota())") }
  }
}
