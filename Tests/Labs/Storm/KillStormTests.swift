import Foundation
import Testing

extension LabSuite {
  /// Everything killed at random with SIGKILL, under load. SLUICE_STORM_SEED and SLUICE_STORM_KILLS choose the
  /// storm: the seed decides who is killed when and for how long, though not what the machine makes of it.
  @Suite(.serialized) struct KillStormTests {
    @Test func aStormOfKillsPassesNoCapAndLosesNothing() throws {
      let environment = ProcessInfo.processInfo.environment
      let seed = environment["SLUICE_STORM_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...999_999)
      let kills = environment["SLUICE_STORM_KILLS"].flatMap { Int($0) } ?? 20
      print("kill storm: SLUICE_STORM_SEED=\(seed) SLUICE_STORM_KILLS=\(kills)")
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let sluice = try SluiceLab(lab, name: "storm")
      defer { sluice.stop() }
      try sluice.start()
      let caps = ["storma": 8, "stormb": 5, "stormc": 6]
      try apply(caps, to: sluice)

      let clock = StormClock()
      let watch = StormWatch(lab, accounts: caps.keys.sorted(), clock: clock)
      let load = StormLoad(lab, accounts: caps.keys.sorted(), watch: watch, seed: seed &+ 1)
      let client = StormClient(sluice, project: "stormc", cap: 6, seed: seed &+ 2, clock: clock)
      let tender = LabOperator(lab)
      var storm = Storm(sluice, seed: seed, clock: clock)
      do {
        try storm.rage(kills: kills)
      } catch {
        Issue.record("a part could not be killed or started: \(error)")
      }
      client.stop()
      load.stop()
      if !lab.waitForAllJobs(of: caps.keys.sorted(), seconds: 180) {
        Issue.record("work does not finish\n\(try lab.whatRuns)\n\(sluice.whatItSays)")
      }
      if !waitUntil(seconds: 120, { isSettled(sluice) }) {
        Issue.record("all is not well again\n\(sluice.whatItSays)")
      }
      watch.stop()
      tender.stop()

      check(watch, client, caps)
      try check(client, against: sluice, caps)
      report(storm, watch, load, client)
    }

    private func apply(_ caps: [String: Int], to sluice: SluiceLab) throws {
      let projects = caps.sorted { $0.key < $1.key }.map {
        "  - {name: \($0.key), limits: {cpu: \($0.value)}, members: {alice: admin, bob: user}, "
          + "clusters: {alpha: {}, beta: {}}}\n"
      }
      try sluice.apply("projects:\n" + projects.joined())
      try #require(waitUntil(seconds: 60) { isSettled(sluice) })
    }

    private func isSettled(_ sluice: SluiceLab) -> Bool {
      guard let status = try? sluice.sluice(["status"]) as? [String: Any],
        let clusters = status["clusters"] as? [[String: Any]],
        let projects = status["projects"] as? [String: Int]
      else { return false }
      return clusters.allSatisfy { $0["state"] as? String == "ready" }
        && (status["problems"] as? [Any] ?? []).isEmpty && projects["ok"] == 3
    }

    /// Never above a cap.
    private func check(_ watch: StormWatch, _ client: StormClient, _ caps: [String: Int]) {
      var histories = caps.mapValues { CapHistory($0) }
      histories["stormc"] = client.history
      let violations = StormAuditor.violations(watch.looks, caps: histories)
      #expect(violations.isEmpty)
      #expect(watch.looks.count > 20, "else nothing was looked at")
      for account in caps.keys {
        #expect(watch.looks.contains { $0.running[account, default: 0] > 0 }, "\(account) ran nothing")
      }
    }

    /// Nothing that was acknowledged is lost, and the audit is complete.
    private func check(_ client: StormClient, against sluice: SluiceLab, _ caps: [String: Int]) throws {
      #expect(client.faults.isEmpty)
      let reasons = try sluice.items(["audit", "--all"]).reversed().compactMap { $0["reason"] as? String }
      #expect(!client.acknowledged.isEmpty)
      #expect(StormAuditor.auditFaults(acknowledged: client.acknowledged, audit: reasons).isEmpty)
      var last = caps
      last["stormc"] = client.cap
      for (project, cap) in last {
        let quota = try #require(try sluice.sluice(["quota", "show", project]) as? [String: Any])
        let line = try #require((quota["tres"] as? [[String: Any]])?.first)
        #expect(line["cap"] as? Int == cap, "\(project)")
        // An idle cap is spread anew after a while: then one limit is lowered before the other is raised.
        var native: [Int] = []
        let isWhole = try waitUntil(seconds: 60) {
          native = try Cluster.allCases.map {
            try #require(try sluice.lab.nativeLimits(of: [project], $0)[project])
          }
          return native.reduce(0, +) == cap
        }
        #expect(isWhole, "\(project): \(native) of \(cap)")
      }
    }

    private func report(_ storm: Storm, _ watch: StormWatch, _ load: StormLoad, _ client: StormClient) {
      for line in storm.log { print("  \(line)") }
      print(
        "\(watch.looks.count) looks (\(watch.wasted.slow) more too slow, \(watch.wasted.failed) without an answer), "
          + "\(load.counts.submitted) jobs (\(load.counts.refused) more not taken), "
          + "\(client.acknowledged.count) commands acknowledged (\(client.failedAttempts) attempts failed)")
    }
  }
}
