import Foundation
import Testing

/// The real services, told of a manager and a watchdog as systemd tells them.
@Suite(.serialized) final class ProcessTests {
  private let folder = "/tmp/sluice-test-\(UUID().uuidString.prefix(8))"
  private var started: [Process] = []

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit {
    for process in started where process.isRunning { kill(process.processIdentifier, SIGKILL) }
    try? FileManager.default.removeItem(atPath: folder)
  }

  private func write(_ text: String, to name: String) throws -> String {
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
    return "\(folder)/\(name)"
  }

  private func start(
    _ binary: String, _ arguments: [String], manager: DatagramReceiver?, errors: Pipe? = nil
  ) throws -> Process {
    let process = Process()
    let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = URL(filePath: here).deletingLastPathComponent()
    process.executableURL = URL(filePath: "/usr/bin/env")
    // The test runner blocks signals, which a service must hear.
    process.arguments = ["--default-signal", folder.appending(path: binary).path] + arguments
    process.environment = ["SWIFT_BACKTRACE": "enable=no", "PATH": "/usr/bin:/bin"]
    if let manager {
      process.environment?["NOTIFY_SOCKET"] = manager.path
      process.environment?["WATCHDOG_USEC"] = "8000000"
    }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors ?? FileHandle.nullDevice
    try process.run()
    started.append(process)
    return process
  }

  private func startSluiced(_ manager: DatagramReceiver) throws -> Process {
    let settings = try write(
      """
      socket: \(folder)/sluiced.sock
      ledger: \(folder)/ledger.sqlite
      agents: [{cluster: alpha, address: "unix://\(folder)/nobody.sock"}]
      """, to: "sluiced.yaml")
    return try start("sluiced", ["--config", settings], manager: manager)
  }

  @Test func sluicedIsReadyAliveAndStopping() throws {
    let manager = try DatagramReceiver()
    let process = try startSluiced(manager)
    #expect(manager.next() == "READY=1\nSTATUS=serves \(folder)/sluiced.sock")
    #expect(
      FileManager.default.fileExists(atPath: "\(folder)/sluiced.sock"), "ready means that it can be called")
    for _ in 0..<2 { #expect(manager.first { $0 == "WATCHDOG=1" } != nil) }
    process.terminate()
    #expect(manager.first { $0.hasPrefix("STOPPING=1") } == "STOPPING=1\nSTATUS=ends on SIGTERM")
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func aFrozenProcessGivesNoSignOfLife() throws {
    let manager = try DatagramReceiver()
    let process = try startSluiced(manager)
    #expect(manager.first { $0 == "WATCHDOG=1" } != nil)
    kill(process.processIdentifier, SIGSTOP)
    while manager.next(waiting: false) != nil {}
    Thread.sleep(forTimeInterval: 5)
    #expect(manager.next(waiting: false) == nil)
    kill(process.processIdentifier, SIGCONT)
    #expect(manager.first { $0 == "WATCHDOG=1" } != nil)
  }

  @Test(arguments: [
    ("gamma: {alice: asmith}", "users.gamma: there is no such cluster under 'agents': known here are alpha"),
    ("alpha: {alice: x, bob: x}", "users.alpha.bob: alice is called x there already: two users can't be one"),
    ("alpha: {a b: x}", "users.alpha.a b: 'a b' is not a user name"),
    ("alpha: {alice: 'a:b'}", "users.alpha.alice: 'a:b' is not a user name"),
    ("alpha: alice", "users.alpha: this must be a mapping"),
  ])
  func aMapOfUsersThatIsWrongEndsSluicedInWords(map: String, complaint: String) throws {
    let settings = try write(
      """
      socket: \(folder)/sluiced.sock
      ledger: \(folder)/ledger.sqlite
      agents: [{cluster: alpha, address: "unix://\(folder)/nobody.sock"}]
      users: {\(map)}
      """, to: "sluiced.yaml")
    let errors = Pipe()
    let process = try start("sluiced", ["--config", settings], manager: nil, errors: errors)
    process.waitUntilExit()
    #expect(process.terminationStatus == 78)
    let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    #expect(text.contains("sluiced.yaml:4: \(complaint)"), "\(text)")
  }

  private func slurmConf() throws -> String {
    try write(
      "ClusterName=alpha\nSlurmctldHost=localhost(127.0.0.1)\nSlurmctldPort=1\nSlurmUser=root\n",
      to: "slurm.conf")
  }

  private func agentSettings(_ more: String = "") throws -> String {
    try write(
      "socket: \(folder)/agent.sock\ngroup: root\nstate_directory: \(folder)/state\nslurm_conf: \(slurmConf())\n\(more)",
      to: "agent.yaml")
  }

  @Test func anAgentIsReadyThoughItsClusterIsDown() throws {
    let manager = try DatagramReceiver()
    let process = try start("sluice-slurm-agent", ["--config", agentSettings()], manager: manager)
    #expect(manager.next() == "READY=1\nSTATUS=serves cluster alpha on \(folder)/agent.sock")
    #expect(manager.first { $0 == "WATCHDOG=1" } != nil)
    process.terminate()
    #expect(manager.first { $0.hasPrefix("STOPPING=1") } == "STOPPING=1\nSTATUS=ends on SIGTERM")
  }

  @Test(arguments: [
    ("{type: training}", "[0].qos, partition or comment: this must be given"),
    ("{qos: train}", "[0].type: this must be given"),
    ("{type: tuning, qos: train}", "[0].type: 'tuning' is not one of training, inference, workflow"),
    ("{type: training, user: alice}", "[0].user: there is no such setting"),
    ("{type: training, comment: 'f\u{fc}r'}", "[0].comment: must be 1 to 200 printable ASCII characters"),
  ])
  func aRuleOfJobTypesThatIsWrongEndsAnAgentInWords(rule: String, complaint: String) throws {
    let errors = Pipe()
    let process = try start(
      "sluice-slurm-agent", ["--config", agentSettings("job_types: [\(rule)]\n")], manager: nil,
      errors: errors)
    process.waitUntilExit()
    #expect(process.terminationStatus == 78)
    let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    #expect(text.contains("agent.yaml:5: job_types\(complaint)"), "\(text)")
  }

  @Test func anAgentThatIsWronglySetUpEndsWith78() throws {
    for (more, arguments) in [
      ("cluster: beta\n", []), ("", ["--slurm-conf", "\(folder)/none.conf"]),
      ("allow: [nobody-at-all]\n", []),
      ("nonsense: 1\n", []),
    ] {
      let process = try start(
        "sluice-slurm-agent", ["--config", agentSettings(more)] + arguments, manager: nil)
      process.waitUntilExit()
      #expect(process.terminationStatus == 78, "\(more)\(arguments)")
    }
    let usage = try start("sluice-slurm-agent", ["--nonsense"], manager: nil)
    usage.waitUntilExit()
    #expect(usage.terminationStatus == 2)
  }
}
