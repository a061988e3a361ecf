import Model
import Testing
import Transport

@testable import Coordinator

@Suite struct AddressTests {
  private func address(_ text: String, sshConfig: String? = nil) throws -> AgentAddress {
    try AgentAddress(cluster: ClusterName("alpha"), address: text, sshConfig: sshConfig)
  }

  @Test(arguments: [
    "unix:///run/sluice/agent.sock", "ssh://ctl/run/sluice/agent.sock",
    "ssh://ctl-1.example.org/tmp/a_b/s.sock",
  ])
  func bothKindsAreReadAndWritten(text: String) throws {
    #expect(try address(text).text == text)
  }

  @Test func theSettingsFileForSshIsForSshAlone() throws {
    #expect(
      try address("ssh://ctl/s", sshConfig: "/f").route
        == .ssh(SSHCommand(host: "ctl", path: "/s", configuration: "/f")))
    #expect(try address("unix:///s", sshConfig: "/f").route == .unix(path: "/s"))
  }

  /// What ssh would take for an option, or the other host's shell for more than a word.
  @Test(arguments: [
    "ssh://-oProxyCommand=reboot/run/s", "ssh://-F/run/s", "ssh://a b/run/s", "ssh://$(id)/run/s",
    "ssh://`id`/run/s", "ssh://a;id/run/s", "ssh://a'/run/s", "ssh://a\"/run/s", "ssh://a\n/run/s",
    "ssh://root@ctl/run/s", "ssh://ctl:22/run/s", "ssh://[::1]/run/s", "ssh://über/run/s",
  ])
  func aHostThatIsNoPlainNameIsRefused(text: String) {
    let fault = #expect(throws: AddressError.self) { try address(text) }
    #expect(fault?.description.contains("has a host that can't be") == true)
  }

  @Test(arguments: [
    "ssh://ctl/run/s; id", "ssh://ctl/run/$(id)", "ssh://ctl/`id`", "ssh://ctl/run/s'", "ssh://ctl/a\"b",
    "ssh://ctl/run/s|id", "ssh://ctl/run/s&", "ssh://ctl/run/s>x", "ssh://ctl/run/*", "ssh://ctl/~/s\n",
  ])
  func aPathThatIsNotOnePlainWordIsRefused(text: String) {
    let fault = #expect(throws: AddressError.self) { try address(text) }
    #expect(fault?.description.contains("has a path that can't be") == true)
  }

  @Test(arguments: [
    "", "/run/s", "unix://run/s", "unix:/run/s", "ssh://", "ssh://ctl", "ssh:///run/s", "ssh:ctl/run/s",
    "http://ctl/run/s",
  ])
  func anotherFormIsRefused(text: String) {
    let fault = #expect(throws: AddressError.self) { try address(text) }
    #expect(fault?.description.contains("use unix:///PATH or ssh://HOST/PATH") == true)
  }
}
