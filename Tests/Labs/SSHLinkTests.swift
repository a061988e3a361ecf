import Foundation
import Testing

extension LabSuite {
  /// An agent that sluiced reaches through ssh, with a real sshd between.
  @Suite(.serialized) struct SSHLinkTests {
    @Test func aQuotaHoldsThroughSsh() throws {
      let grant = try Grant(cpu: 8, on: Lab.quick.get(), bySSH: true)
      defer { grant.end() }
      let sampler = Sampler(grant.lab, account: grant.account)
      try grant.submitMix(30, to: Cluster.allCases)
      try grant.setCap(5)
      #expect(try waitUntil(seconds: 60) { try grant.state() == "ok" })
      let lowered = try #require(try grant.native(.alpha)) + (try #require(try grant.native(.beta)))
      #expect(lowered <= 5)
      #expect(try grant.waitForAllJobs(seconds: 240))
      let samples = sampler.stop()
      #expect(Utilization.peak(samples) <= 8)
      #expect(Utilization.peak(samples) > 0)
    }

    @Test func aKilledSessionIsDialledAgain() throws {
      let grant = try Grant(cpu: 8, bySSH: true)
      defer { grant.end() }
      let host = try #require(grant.sluice.remote)
      let first = try #require(grant.ssh)
      kill(try #require(host.sessions.first), SIGKILL)
      #expect(waitUntil(seconds: 20) { grant.hasNewLink(than: first) })
      #expect(grant.sluice.sluiced.log.contains("closed by remote host"))
      try grant.setCap(6)
      #expect(try waitUntil(seconds: 20) { try grant.state() == "ok" }, "writes go through the new link")
    }

    @Test func aHostThatIsAwayKeepsItsAllotment() throws {
      let grant = try Grant(cpu: 8, bySSH: true)
      defer { grant.end() }
      let host = try #require(grant.sluice.remote)
      let sluiced = try #require(grant.sluice.sluiced.pid)
      let kept = try #require(try grant.native(.alpha))
      #expect(kept > 0)
      let descriptors = openFiles(of: sluiced)
      host.stop()
      #expect(waitUntil(seconds: 20) { grant.problems.contains("Connection refused") })
      for _ in 0..<12 { try grant.lab.submit(.beta, account: grant.account, seconds: 600) }
      #expect(try waitUntil(seconds: 15) { try grant.running(.beta) == 8 - kept })
      Thread.sleep(forTimeInterval: 8)
      #expect(try grant.running(.beta) == 8 - kept, "nobody else gets its part")
      #expect(try grant.native(.alpha) == kept)
      #expect(openFiles(of: sluiced) <= descriptors, "dialling in vain leaves nothing open")
      #expect(children(of: sluiced).count <= 1)
      let tellings = grant.sluice.sluiced.log.components(separatedBy: "Connection refused").count - 1
      #expect(tellings == 1, "the same failure is told once, not with every dial")
      try host.start()
      #expect(try waitUntil(seconds: 60) { try grant.running(.beta) == 8 }, "back again, it moves")
    }

    enum Staller: String, CaseIterable, Sendable {
      case ssh, session
    }

    /// A connection that is up and silent, as when a switch between drops everything.
    @Test(arguments: Staller.allCases) func aStalledLinkIsDialledAgain(staller: Staller) throws {
      let grant = try Grant(cpu: 8, bySSH: true)
      defer { grant.end() }
      let host = try #require(grant.sluice.remote)
      let sluiced = try #require(grant.sluice.sluiced.pid)
      let first = try #require(grant.ssh)
      kill(staller == .ssh ? first : try #require(host.sessions.first), SIGSTOP)
      #expect(waitUntil(seconds: 30) { grant.hasNewLink(than: first) })
      #expect(grant.sluice.sluiced.log.contains("silent: the time was up before an answer came"))
      #expect(!isRunning(first))
      #expect(children(of: sluiced).count == 1, "the old ssh is gone, not only replaced")
      try grant.setCap(6)
      #expect(try waitUntil(seconds: 20) { try grant.state() == "ok" })
    }

    @Test func aStoppedAgentPilesUpNoDials() throws {
      let grant = try Grant(cpu: 8, bySSH: true)
      defer { grant.end() }
      let host = try #require(grant.sluice.remote)
      let first = try #require(host.sessions.first)
      let dial = try #require(descendants(of: first).last)
      grant.sluice.agents[.alpha]?.signal(SIGSTOP)
      defer { grant.sluice.agents[.alpha]?.signal(SIGCONT) }
      #expect(waitUntil(seconds: 40) { !host.sessions.isEmpty && !host.sessions.contains(first) })
      #expect(waitUntil(seconds: 10) { !isRunning(dial) }, "its agent never let go of it")
      #expect(host.sessions.count == 1)
    }

    @Test(arguments: [SIGTERM, SIGKILL]) func sshEndsWithSluiced(signal: Int32) throws {
      let grant = try Grant(cpu: 8, bySSH: true)
      defer { grant.end() }
      let host = try #require(grant.sluice.remote)
      let ssh = try #require(grant.ssh)
      let dial = try #require(host.sessions.first.flatMap { descendants(of: $0).last })
      grant.sluice.sluiced.signal(signal)
      #expect(waitUntil(seconds: 10) { !isRunning(ssh) })
      #expect(waitUntil(seconds: 10) { !isRunning(dial) && host.sessions.isEmpty })
    }

    @Test func theKeyDialsAndDoesNothingElse() throws {
      let grant = try Grant(cpu: 8, bySSH: true)
      defer { grant.end() }
      let host = try #require(grant.sluice.remote)
      let ssh = ["ssh", "-F", host.config, "-T", "-oBatchMode=yes", "ctl"]
      let file = "\(host.folder)/made"
      // As many calls as may be in progress at once, and the end of input right behind them: every answer comes.
      let calls = "\(host.folder)/calls"
      try (1...64).map { "{\"jsonrpc\":\"2.0\",\"id\":\($0),\"method\":\"qos.list\"}\n" }.joined()
        .write(toFile: calls, atomically: true, encoding: .utf8)
      let answers = try Command.succeed(
        ["sh", "-c", "exec \"$0\" \"$@\" <\(calls)"] + ssh + ["touch", file]
      ).lines
      #expect(answers.count == 64)
      #expect(answers.allSatisfy { $0.hasSuffix("}") && $0.contains("\"result\"") })
      #expect(!FileManager.default.fileExists(atPath: file), "the command that was asked for is not run")

      grant.sluice.agents[.alpha]?.stop()
      let failed = try Command.run(ssh)
      #expect(failed.status == 1)
      #expect(failed.errors.contains("no one listens on \(grant.sluice.folder)/alpha/agent.sock"))
      #expect(waitUntil(seconds: 20) { grant.problems.contains("no one listens on") })
    }

    private func openFiles(of process: Int32) -> Int {
      (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count) ?? 0
    }

    private func descendants(of process: Int32) -> [Int32] {
      children(of: process).flatMap { [$0] + descendants(of: $0) }
    }
  }
}

extension Grant {
  /// The ssh that sluiced runs now.
  var ssh: Int32? { sluice.sluiced.pid.flatMap { children(of: $0).first { isRunning($0) } } }

  func hasNewLink(than old: Int32) -> Bool {
    guard let ssh, ssh != old else { return false }
    return sluice.clusterState(.alpha) == "ready"
  }

  /// What `sluice status` complains about.
  var problems: String {
    let status = try? sluice.sluice(["status"]) as? [String: Any]
    let problems = status?["problems"] as? [[String: Any]] ?? []
    return problems.compactMap { $0["message"] as? String }.joined(separator: "\n")
  }
}
