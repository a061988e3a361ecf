import Foundation
import Testing

extension LabSuite {
  /// Who may do what, known by the kernel's word.
  @Suite(.serialized) struct AccessTests {
    @Test func usersSeeTheirOwnAndChangeNothing() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      let account = grant.account
      let own = try grant.sluice.sluice(["quota", "show", account], as: "bob") as? [String: Any]
      #expect(own?["project"] as? String == account)
      let stranger = try grant.sluice.run(["quota", "show", account], as: "carol")
      #expect(stranger.status == 1)
      #expect(stranger.errors.contains("carol"))
      let listed = try grant.sluice.run(["quota", "list", "-P"], as: "carol")
      #expect(!listed.output.contains(account))
      for command in [
        ["project", "delete", account, "-y"], ["project", "set", account, "--limit", "cpu=80"],
        ["cluster", "drain", "alpha"], ["audit"], ["admin", "check"], ["admin", "backup", "/tmp/\(account)"],
      ] {
        let refused = try grant.sluice.run(command, as: "alice")
        #expect(refused.status == 1, "\(command)")
        #expect(
          refused.errors.contains("alice") && refused.errors.contains("administrator"), "\(refused.errors)")
      }
      #expect(
        try grant.sluice.run(["audit", "--project", account], as: "alice").status == 0, "its admin may")
      #expect(try grant.sluice.run(["audit", "--project", account], as: "bob").status == 1)
    }

    @Test func theAgentServesNoStranger() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      let socket = "\(grant.sluice.folder)/alpha/agent.sock"
      let attributes = try FileManager.default.attributesOfItem(atPath: socket)
      #expect(attributes[.posixPermissions] as? Int == 0o660)
      let refused = try Command.run(
        Command.asUser(
          "alice", [try SluiceLab.copy(of: "sluice", in: grant.lab), "--socket", socket, "status"]))
      #expect(refused.status != 0)
    }
  }
}
