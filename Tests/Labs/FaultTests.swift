import Foundation
import Testing

extension LabSuite {
  /// Each part killed with SIGKILL while jobs come and go: never above the cap, and nothing lost.
  @Suite(.serialized) struct FaultTests {
    enum Part: String, CaseIterable, Sendable {
      case sluiced, agent, slurmctld, slurmdbd
    }

    @Test(arguments: Part.allCases) func aKilledPartPassesNoCapAndLosesNothing(part: Part) throws {
      let grant = try Grant(cpu: 8, on: Lab.quick.get())
      defer { grant.end() }
      let sampler = Sampler(grant.lab, account: grant.account)
      try grant.submitMix(60, to: Cluster.allCases)
      let audited = try grant.audit().count
      try kill(part, of: grant)
      try grant.submitMix(20, to: [.beta])
      Thread.sleep(forTimeInterval: 3)
      try restart(part, of: grant)
      #expect(grant.waitForAllJobs(seconds: 240), "every job that Slurm kept is done")
      #expect(Utilization.peak(sampler.stop()) <= 8)
      #expect(try waitUntil(seconds: 60) { try grant.state() == "ok" })
      #expect(try grant.audit().count >= audited, "nothing is lost from the ledger")
      #expect(try grant.quota()["project"] as? String == grant.account)
    }

    private func kill(_ part: Part, of grant: Grant) throws {
      switch part {
      case .sluiced: grant.sluice.sluiced.kill()
      case .agent: grant.sluice.agents[.alpha]?.kill()
      case .slurmctld: try grant.lab.control("kill", "slurmctld-alpha")
      case .slurmdbd: try grant.lab.control("kill", "slurmdbd")
      }
    }

    private func restart(_ part: Part, of grant: Grant) throws {
      switch part {
      case .sluiced: try grant.sluice.sluiced.start()
      case .agent: try grant.sluice.agents[.alpha]?.start()
      case .slurmctld: try grant.lab.control("start", "slurmctld-alpha")
      case .slurmdbd: try grant.lab.control("start", "slurmdbd")
      }
    }

    @Test func anUnreachableAgentKeepsItsAllotment() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      let kept = try #require(try grant.native(.alpha))
      #expect(kept > 0)
      grant.sluice.agents[.alpha]?.kill()
      #expect(try waitUntil(seconds: 10) { try grant.reasons().contains("alpha does not answer") })
      for _ in 0..<12 { try grant.lab.submit(.beta, account: grant.account, seconds: 600) }
      #expect(try waitUntil(seconds: 15) { try grant.running(.beta) == 8 - kept })
      Thread.sleep(forTimeInterval: 5)
      #expect(try grant.running(.beta) == 8 - kept, "the other cluster gets none of it")
      #expect(try grant.native(.alpha) == kept)
      try grant.sluice.agents[.alpha]?.start()
      #expect(try waitUntil(seconds: 30) { try grant.running(.beta) == 8 }, "back again, it moves")
    }
  }
}
