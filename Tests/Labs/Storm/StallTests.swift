import Foundation
import Testing

extension LabSuite {
  /// Parts that neither answer nor end.
  @Suite(.serialized) struct StallTests {
    @Test func aStoppedAgentIsToldAndItsLateWriteComesInOrder() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      let agent = try #require(grant.sluice.agents[.alpha])
      let before = try #require(try grant.native(.alpha))
      agent.signal(SIGSTOP)
      defer { agent.signal(SIGCONT) }
      // A larger share is on its way to the agent, which doesn't read it before it is long outdated.
      try grant.setCap(16)
      #expect(try waitUntil(seconds: 30) { try grant.figure("allotment", .alpha) ?? 0 > before })
      #expect(try waitUntil(seconds: 40) { try grant.reasons().contains("alpha does not answer") })
      #expect(try grant.sluice.run(["status"]).output.contains("silent"))
      try grant.setCap(8)
      #expect(try waitUntil(seconds: 30) { try grant.state() != "ok" })
      for _ in 0..<12 { try grant.lab.submit(.beta, account: grant.account, seconds: 600) }
      let sampler = Sampler(grant.lab, account: grant.account)
      let mayRun = 8 - (try #require(try grant.native(.alpha)))
      Thread.sleep(forTimeInterval: 5)
      #expect(try grant.running(.beta) <= mayRun, "nothing grows elsewhere")

      agent.signal(SIGCONT)
      #expect(try waitUntil(seconds: 90) { try grant.state() == "ok" && grant.native(.alpha, .beta) == 8 })
      #expect(try waitUntil(seconds: 60) { try grant.running(.beta) == 8 }, "what waits gets what is idle")
      #expect(try grant.native(.alpha) == grant.figure("allotment", .alpha))
      #expect(Utilization.peak(sampler.stop()) <= 8)
    }

    @Test func aStoppedSluicedGoesOnWhereItStood() throws {
      let grant = try Grant(cpu: 8, on: Lab.quick.get())
      defer { grant.end() }
      let sampler = Sampler(grant.lab, account: grant.account)
      try grant.submitMix(40, to: Cluster.allCases)
      grant.sluice.sluiced.signal(SIGSTOP)
      defer { grant.sluice.sluiced.signal(SIGCONT) }
      let result = try grant.sluice.run(["status", "--timeout", "2"])
      #expect(result.status != 0)
      #expect(result.errors.contains("not answered within 2.0 s"), "\(result.errors)")
      try grant.submitMix(20, to: [.beta])
      Thread.sleep(forTimeInterval: 15)
      grant.sluice.sluiced.signal(SIGCONT)
      #expect(grant.waitForAllJobs(seconds: 240))
      #expect(try waitUntil(seconds: 60) { try grant.state() == "ok" })
      #expect(Utilization.peak(sampler.stop()) <= 8)
    }

    @Test func aSlurmdbdThatHangsIsToldAndItsLateCommitPassesNoCap() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let grant = try Grant(cpu: 8, on: lab)
      defer { grant.end() }
      for cluster in Cluster.allCases {
        for _ in 0..<12 { try lab.submit(cluster, account: grant.account, seconds: 600) }
      }
      #expect(try waitUntil(seconds: 60) { try grant.running(.alpha) + grant.running(.beta) == 8 })
      let sampler = Sampler(lab, account: grant.account)
      try lab.control("stop", "slurmdbd")
      let start = ContinuousClock.now
      try grant.setCap(4)
      #expect(
        try waitUntil(seconds: 140) { try grant.sluice.run(["status"]).output.contains("slurmdbd") },
        "\(grant.sluice.whatItSays)")
      print("a hung slurmdbd is told after \((ContinuousClock.now - start) / .seconds(1)) s")
      #expect(try grant.isReady(.alpha) && grant.isReady(.beta), "the rest goes on")
      #expect(try grant.state() != "ok")
      try grant.setCap(8)
      Thread.sleep(forTimeInterval: 5)
      try lab.control("cont", "slurmdbd")
      #expect(try waitUntil(seconds: 240) { try grant.state() == "ok" && isAsAllotted(grant) })
      #expect(Utilization.peak(sampler.stop()) <= 8)
    }

    private func isAsAllotted(_ grant: Grant) throws -> Bool {
      try Cluster.allCases.allSatisfy { try grant.native($0) == grant.figure("allotment", $0) }
    }
  }
}
