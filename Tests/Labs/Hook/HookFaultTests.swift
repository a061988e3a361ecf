import Foundation
import Testing

extension TimedSuite {
  /// What `job_submit.lua` does when nobody answers it as he should.
  @Suite(.serialized) struct HookFaultTests {
    let hook: HookLab

    init() throws { hook = try HookLab.shared.get() }

    /// Generous: the deadline is 50 ms, and the machine may be busy.
    private static let mostMilliseconds = 1000.0

    /// Submits in both fail modes: each time the log tells why, and the job is let in or refused as declared.
    private func expectFailModes(_ socket: String, because reason: String) throws {
      defer { try? hook.ask(hook.socket(.alpha), of: .alpha) }
      for failMode in ["open", "deny"] {
        try hook.ask(socket, of: .alpha, failMode: failMode)
        let mark = try hook.complaintCount(.alpha)
        // More than may ever run: nobody has said so.
        let result = try hook.sbatch(.alpha, ["-n17"])
        if failMode == "open" {
          #expect(result.status == 0, "\(result.errors)")
        } else {
          #expect(result.status != 0)
          #expect(result.errors.contains("gives no answer: try again"), "\(result.errors)")
        }
        let complaints = try hook.complaints(.alpha, after: mark)
        #expect(complaints.count == 1)
        let said = complaints.first ?? ""
        #expect(said.contains("fail_mode \(failMode)") && said.contains(reason), "\(said)")
        if let time = said.split(separator: " ").dropLast().last.flatMap({ Double($0) }) {
          print("\(reason), \(failMode): \(time) ms")
          #expect(time < Self.mostMilliseconds)
        }
      }
    }

    @Test func anAgentThatIsStoppedHoldsNothingUp() throws {
      let agent = try #require(hook.sluice.agents[.alpha])
      agent.signal(SIGSTOP)
      defer { agent.signal(SIGCONT) }
      try expectFailModes(hook.socket(.alpha), because: "timeout after")
    }

    @Test func anAgentThatIsKilledHoldsNothingUp() throws {
      let agent = try #require(hook.sluice.agents[.alpha])
      agent.kill()
      try expectFailModes(hook.socket(.alpha), because: "connection refused after")
      try agent.start()
      #expect(waitUntil(seconds: 20) { hook.sluice.clusterState(.alpha) == "ready" })
    }

    @Test(arguments: [
      ("echo garbage", "the answer is no JSON"), ("head -c 200000 /dev/zero; echo", "the answer is too long"),
      ("echo '[]'", "the answer holds no decision"),
      (#"echo '{"result":{"decision":"maybe"}}'"#, "no decision"),
      (#"echo '{"result":7,"error":[]}'"#, "the answer holds no decision"), ("exit", "closed after"),
      ("while printf x; do sleep 0.01; done", "timeout after"), ("sleep 5", "timeout after"),
      ("exec cat /dev/zero", "the answer is too long"),
      (#"while printf "%01000d" 7; do sleep 0.01; done"#, "timeout after"),
    ])
    func anAnswerThatIsNoneHoldsNothingUp(_ program: String, _ reason: String) throws {
      let fake = try FakeAgent(in: hook, program)
      defer { fake.stop() }
      try expectFailModes(fake.socket, because: reason)
    }

    /// An agent that doesn't know the question can't answer it; one that finds it wrong has read it.
    @Test func anAnswerThatBlamesTheQuestionIsADenial() throws {
      func answer(_ code: Int) -> String { #"echo '{"error":{"code":\#(code),"message":"no such field"}}'"# }
      let old = try FakeAgent(in: hook, answer(-32601))
      defer { old.stop() }
      try expectFailModes(old.socket, because: "no such field")
      for code in [-32700, -32600, -32602] {
        let fake = try FakeAgent(in: hook, answer(code))
        defer { fake.stop() }
        defer { try? hook.ask(hook.socket(.alpha), of: .alpha) }
        try hook.ask(fake.socket, of: .alpha)
        let result = try hook.sbatch(.alpha, ["-n1"])
        #expect(result.status != 0)
        #expect(
          result.errors.contains("can't read what this job asks for: no such field"), "\(result.errors)")
      }
    }

    @Test func whatTheAgentKnewOutlivesItsRestart() throws {
      let agent = try #require(hook.sluice.agents[.alpha])
      hook.sluice.sluiced.stop()
      agent.kill()
      try agent.start()
      #expect(
        waitUntil(seconds: 20) {
          let said = (try? hook.sbatch(.alpha, ["-n17"]).errors) ?? ""
          return said.contains("may use 16 cpu at once")
        })
      try hook.sluice.sluiced.start()
      #expect(waitUntil(seconds: 20) { hook.sluice.clusterState(.alpha) == "ready" })
    }
  }
}

/// Answers whoever asks with what a shell program prints.
private final class FakeAgent {
  let socket: String
  private let process: ServiceProcess

  init(in hook: HookLab, _ program: String) throws {
    let folder = "\(hook.lab.folder)/\(Lab.newName("fake"))"
    socket = "\(folder)/admission.sock"
    try Command.succeed(["install", "-d", "-o", "slurm", "-g", "slurm", folder])
    // It answers what was asked: socat closes once the program ends, at times before the question has come.
    try "read -r question\n\(program)\n".write(toFile: "\(folder)/program", atomically: true, encoding: .utf8)
    process = ServiceProcess(
      Command.asUser("slurm", ["socat", "UNIX-LISTEN:\(socket),fork", "SYSTEM:sh \(folder)/program"]),
      log: "\(folder)/log")
    try process.start()
    let path = socket
    guard waitUntil(seconds: 10, { FileManager.default.fileExists(atPath: path) }) else {
      throw CommandFailure(description: "socat does not listen: \(process.log)")
    }
  }

  func stop() { process.stop() }
}
