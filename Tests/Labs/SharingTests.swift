import Foundation
import Testing

extension TimedSuite {
  /// One quota over two clusters, while nothing fails.
  @Suite(.serialized) struct SharingTests {
    @Test func twoHundredJobsNeverPassEightAndUseThem() throws {
      // At Slurm's own intervals: there the scheduler's latency, and not how jobs of 3 CPUs fit into a share
      // of 4, decides what a cap of 8 can reach.
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      let sampler = Sampler(grant.lab, account: grant.account)
      try grant.submitMix(200, to: Cluster.allCases)
      #expect(grant.waitForAllJobs(seconds: 500))
      let shared = sampler.stop()
      #expect(Utilization.peak(shared) <= 8)

      // The same jobs on one cluster that holds a cap of 8 by itself: what Slurm can do at best.
      let native = try grant.lab.newAccount(limit: "cpu=8")
      let reference = Sampler(grant.lab, account: native)
      try Grant.submitMix(200, to: [.alpha], account: native, lab: grant.lab)
      #expect(try waitUntil(seconds: 500) { try grant.lab.jobs(.alpha, account: native).isEmpty })
      let alone = reference.stop()

      let reached = try #require(Utilization.averageWhileBothWait(shared)).average
      let best = try #require(Utilization.average(alone) { $0.waitsOnAlpha }).average
      print("used of 8 CPUs while work waits: \(reached) over two clusters, \(best) by one native cap of 8")
      #expect(reached >= 0.9 * best)
    }

    @Test func demandMovesTheShares() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      let sampler = Sampler(grant.lab, account: grant.account)
      for _ in 0..<16 { try grant.lab.submit(.alpha, account: grant.account, seconds: 15) }
      let start = ContinuousClock.now
      let hasAll = try waitUntil(seconds: 5) { try grant.running(.alpha) == 8 && grant.native(.alpha) == 8 }
      print("alpha alone runs 8 after \((ContinuousClock.now - start) / .seconds(1)) s")
      #expect(hasAll, "all of the quota is at alpha within 5 s")
      for _ in 0..<16 { try grant.lab.submit(.beta, account: grant.account, seconds: 3) }
      #expect(
        try waitUntil(seconds: 40) { try grant.running(.beta) >= 4 }, "beta gets its part as alpha's jobs end"
      )
      #expect(Utilization.peak(sampler.stop()) <= 8)
      let why = try grant.sluice.items([
        "quota", "history", grant.account, "--cluster", "alpha", "--tres", "cpu", "--limit", "1",
      ])
      let reason = why.first?["reason"] as? String ?? ""
      #expect(reason.hasPrefix("cpu: cap 8, alpha has "), "\(why)")
    }

    @Test func aLoweredCapEndsNothingAndGrowsNothing() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      for _ in 0..<8 { try grant.lab.submit(.alpha, account: grant.account, seconds: 600) }
      #expect(try waitUntil(seconds: 15) { try grant.running(.alpha) == 8 })
      for _ in 0..<4 { try grant.lab.submit(.beta, account: grant.account, seconds: 600) }
      try grant.setCap(4)
      #expect(try waitUntil(seconds: 10) { try grant.state() == "over" })
      #expect(try grant.reasons().contains("cap of 4"))
      #expect(try grant.running(.alpha) == 8, "nothing is ended")
      #expect(try grant.running(.beta) == 0, "nothing grows")
      let jobs = try grant.lab.jobs(.alpha, account: grant.account)
      for job in jobs.prefix(6) { try grant.lab.slurm(.alpha, ["scancel", "\(job.id)"]) }
      #expect(try waitUntil(seconds: 20) { try grant.running(.beta) == 2 && grant.running(.alpha) == 2 })
      #expect(try waitUntil(seconds: 10) { try grant.state() == "ok" })
    }

    @Test func aDrainedClusterGetsNothing() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      try grant.sluice.sluice(["cluster", "drain", "alpha"])
      #expect(try waitUntil(seconds: 10) { try grant.native(.alpha) == 0 && grant.native(.beta) == 8 })
      try grant.sluice.sluice(["cluster", "resume", "alpha"])
      try grant.lab.submit(.alpha, account: grant.account, seconds: 600)
      #expect(try waitUntil(seconds: 10) { try grant.running(.alpha) == 1 })
    }
  }
}
