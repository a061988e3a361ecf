import Foundation
import Testing

extension LabSuite {
  /// What sluiced says when ssh can't get through, with no cluster behind it.
  @Suite(.serialized) struct SSHWordsTests {
    struct Fault: Sendable, CustomTestStringConvertible {
      let testDescription: String
      var key = "user_key"
      var knownHosts = "known_hosts"
      var path = Command.base["PATH"] ?? ""
      var command = "sluice-slurm-agent dial /run/sluice/agent.sock"
      let words: [String]
    }

    static let faults = [
      Fault(
        testDescription: "another host's key", knownHosts: "other_hosts",
        words: ["ssh to ctl: ", "Host key verification failed", "replace its key in the known_hosts file"]),
      Fault(
        testDescription: "a host not known", knownHosts: "no_hosts",
        words: ["ssh to ctl: ", "Host key verification failed", "write it into the known_hosts file"]),
      Fault(
        testDescription: "another user's key", key: "other_key",
        words: ["ssh to ctl: ", "Permission denied (publickey)", "public key into authorized_keys there"]),
      Fault(
        testDescription: "no key", key: "no_key",
        words: ["no_key: No such file or directory", "Permission denied (publickey)"]),
      Fault(testDescription: "no ssh", path: "/nowhere", words: ["'ssh' is not installed on this host"]),
      Fault(
        testDescription: "no agent there", command: "/nowhere/sluice-slurm-agent dial /s",
        words: ["ssh to ctl: ", "/nowhere/sluice-slurm-agent", "install sluice-slurm-agent there"]),
      Fault(
        testDescription: "a login that chats", command: "echo Welcome; exec sleep 100",
        words: ["its agent can't be understood", "not JSON"]),
    ]

    @Test(arguments: faults) func whatIsWrongIsSaid(fault: Fault) throws {
      let folder = try Command.succeed(["mktemp", "-d", "/tmp/sluice-ssh.XXXXXX"]).lines[0]
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let host = try SSHHost(folder: "\(folder)/ctl", command: fault.command)
      try host.configure(key: fault.key, knownHosts: fault.knownHosts)
      try host.start()
      defer { host.stop() }
      let sluiced = try Self.sluiced(
        in: folder, agent: "ssh://ctl/s", extra: "ssh_config: \(host.config)", path: fault.path)
      try sluiced.start()
      defer { sluiced.stop() }
      var said = ""
      #expect(
        try waitUntil(seconds: 30) {
          said = try Command.run(
            ["\(ServiceProcess.binaries)/sluice", "status"],
            environment: ["SLUICE_SOCKET": "\(folder)/sluiced.sock"]
          ).output
          return fault.words.allSatisfy { said.contains($0) }
        }, "\(said)\n\(sluiced.log)")
      #expect(fault.words.allSatisfy { sluiced.log.contains($0) })
    }

    @Test(arguments: [
      ("ssh://-oProxyCommand=reboot/s", "agents[0].address", "has a host that can't be"),
      ("ssh://root@ctl/s", "agents[0].address", "belongs in the file that ssh_config names"),
      ("ssh://ctl/s;reboot", "agents[0].address", "has a path that can't be"),
      ("ssh://ctl", "agents[0].address", "use unix:///PATH or ssh://HOST/PATH"),
    ]) func anAddressThatMeansMoreIsRefused(address: String, field: String, words: String) throws {
      try expectRefusal(agent: address, extra: "", field: field, words: words)
    }

    @Test func aSettingsFileForSshIsNamedInFull() throws {
      try expectRefusal(
        agent: "ssh://ctl/s", extra: "ssh_config: ../ssh_config", field: "ssh_config",
        words: "'../ssh_config' must be a whole path")
    }

    private func expectRefusal(agent: String, extra: String, field: String, words: String) throws {
      let folder = try Command.succeed(["mktemp", "-d", "/tmp/sluice-ssh.XXXXXX"]).lines[0]
      defer { try? FileManager.default.removeItem(atPath: folder) }
      _ = try Self.sluiced(in: folder, agent: agent, extra: extra)
      let result = try Command.run([
        "\(ServiceProcess.binaries)/sluiced", "--config", "\(folder)/sluiced.yaml",
      ])
      #expect(result.status == 78)
      #expect(result.errors.contains("\(field): ") && result.errors.contains(words), "\(result.errors)")
    }

    private static func sluiced(
      in folder: String, agent: String, extra: String, path: String = ""
    ) throws -> ServiceProcess {
      try """
      socket: \(folder)/sluiced.sock
      ledger: \(folder)/ledger.sqlite
      agents:
        - {cluster: alpha, address: "\(agent)"}
      \(extra)

      """.write(toFile: "\(folder)/sluiced.yaml", atomically: true, encoding: .utf8)
      return ServiceProcess(
        ["PATH=\(path)", "\(ServiceProcess.binaries)/sluiced", "--config", "\(folder)/sluiced.yaml"],
        log: "\(folder)/sluiced.log")
    }
  }
}
