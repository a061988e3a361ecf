import Foundation
import Testing

extension LabSuite {
  /// Many jobs, and everything killed meanwhile, slurmctld too. SLUICE_CHARGE_JOBS says how many, SLUICE_CHARGE_SEED which.
  @Suite(.serialized) struct ChargeStormTests {
    @Test func chargesAreWhatSacctShowsThoughSlurmctldIsKilled() throws {
      let environment = ProcessInfo.processInfo.environment
      let count = environment["SLUICE_CHARGE_JOBS"].flatMap { Int($0) } ?? 40
      let seed = environment["SLUICE_CHARGE_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...999_999)
      print("charge storm: SLUICE_CHARGE_JOBS=\(count) SLUICE_CHARGE_SEED=\(seed)")
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let project = Lab.newName("bill")
      let sluice = try SluiceLab(lab, name: project)
      defer { sluice.stop() }
      try sluice.start()
      try sluice.apply(
        "projects:\n  - {name: \(project), limits: {cpu: 64}, members: {alice: user, bob: user}, "
          + "clusters: {alpha: , beta: }}\n")
      try #require(waitUntil(seconds: 30) { sluice.isOK(project) }, "\(sluice.whatItSays)")
      let accounts = [project, try lab.newAccount()]

      var storm = ChargeStorm(sluice, accounts: accounts, seed: seed)
      try storm.rage(jobs: count)
      print("  " + storm.log)
      let haveEnded = lab.waitForAllJobs(of: accounts, seconds: 120 + Double(count))
      if !haveEnded { Issue.record("work does not finish\n\(try lab.whatRuns)\n\(sluice.whatItSays)") }
      let isComplete = try waitUntil(seconds: 60) {
        try Cluster.allCases.allSatisfy { try lab.endRunaways($0) }
      }
      #expect(isComplete, "accounting has all ends")
      try compare(sluice, atLeast: count * 9 / 10)
    }

    private func compare(_ sluice: SluiceLab, atLeast count: Int) throws {
      // Beyond the agent's lag, so that a sluiced that starts now finds all.
      Thread.sleep(forTimeInterval: 11)
      sluice.sluiced.kill()
      try sluice.sluiced.start()
      let truth = try Cluster.allCases.flatMap { try Run.told(by: sluice.lab, $0).runs }
      let isCharged = try waitUntil(seconds: 90) {
        Thread.sleep(forTimeInterval: 1)
        return try Run.charged(by: sluice).count >= truth.count
      }
      #expect(isCharged, "\(sluice.whatItSays)")
      let ledger = try Run.charged(by: sluice)
      #expect(truth.count >= count)
      try Run.expectEqual(ledger, truth, sluice.lab)
      let seconds = truth.reduce(0) { $0 + (Int($1.seconds) ?? 0) * ($1.tres["cpu"] ?? 0) }
      print("  \(truth.count) allocations, \(seconds) CPU-seconds by sacct; \(ledger.count) charges")
    }
  }
}

extension Lab {
  /// What an operator does for jobs whose end slurmctld had not yet told when it was killed: accounting would have
  /// them run for ever. True once there are none.
  fileprivate func endRunaways(_ cluster: Cluster) throws -> Bool {
    if try Run.told(by: self, cluster).isComplete { return true }
    try slurm(cluster, ["sacctmgr", "-i", "show", "runawayjobs", "cluster=\(cluster)"])
    return try Run.told(by: self, cluster).isComplete
  }
}
