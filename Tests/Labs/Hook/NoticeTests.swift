import Foundation
import Testing

extension TimedSuite {
  /// `job_notice`, as slurmctld's prolog and epilog.
  @Suite(.serialized) struct NoticeTests {
    let hook: HookLab

    init() throws {
      hook = try HookLab.shared.get()
      try install()
    }

    private func install() throws {
      let script = "\(hook.lab.folder)/bin/job_notice"
      guard !FileManager.default.fileExists(atPath: script) else { return }
      let agent = try SluiceLab.copy(of: "sluice-slurm-agent", in: hook.lab)
      try Command.succeed(["install", "-m", "755", "\(Lab.slurmConfFolder)/job_notice", script])
      try Command.succeed([
        "sed", "-i", "-e", "s|^socket=.*|socket=\(hook.socket(.beta))|", "-e",
        "s|sluice-slurm-agent|\(agent)|", script,
      ])
      let file = hook.lab.slurmConf(.beta)
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try (text + "PrologSlurmctld=\(script)\nEpilogSlurmctld=\(script)\n")
        .write(toFile: file, atomically: true, encoding: .utf8)
      // It looks at its start whether it has a prolog to call.
      try hook.lab.control("term", "slurmctld-beta")
      try hook.lab.control("start", "slurmctld-beta")
    }

    private func notices() throws -> Int {
      let agent = try #require(hook.sluice.agents[.beta])
      return agent.log.split(separator: "\n").filter { $0.contains("a job begins or has ended") }.count
    }

    private func isRunning() throws -> Bool {
      try hook.lab.jobs(.beta, account: hook.account).contains { $0.state == "RUNNING" }
    }

    @Test func theAgentIsToldWhenAJobBeginsAndEnds() throws {
      let before = try notices()
      let id = try hook.lab.submit(.beta, account: hook.account, seconds: 600)
      #expect(try waitUntil(seconds: 30) { try isRunning() })
      #expect(try waitUntil(seconds: 10) { try notices() == before + 1 })
      try hook.lab.slurm(.beta, ["scancel", "\(id)"])
      #expect(try waitUntil(seconds: 30) { try notices() == before + 2 })
    }

    @Test func anAgentThatIsStoppedKeepsNoJobFromStarting() throws {
      let agent = try #require(hook.sluice.agents[.beta])
      try hook.ask("\(hook.lab.folder)/no.sock", of: .beta)
      agent.signal(SIGSTOP)
      defer {
        agent.signal(SIGCONT)
        try? hook.ask(hook.socket(.beta), of: .beta)
      }
      let id = try hook.lab.submit(.beta, account: hook.account, seconds: 600)
      #expect(try waitUntil(seconds: 30) { try isRunning() })
      try hook.lab.slurm(.beta, ["scancel", "\(id)"])
      #expect(try waitUntil(seconds: 30) { try !isRunning() })
    }
  }
}
