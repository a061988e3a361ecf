import Testing

@testable import Transport

@Suite struct SSHCommandTests {
  private let command = SSHCommand(host: "ctl", path: "/run/sluice/agent.sock", configuration: nil)

  @Test func theCommandLeavesNothingToChance() {
    let arguments = command.arguments
    #expect(arguments.prefix(4) == ["ssh", "-T", "-oBatchMode=yes", "-oStrictHostKeyChecking=yes"])
    #expect(
      arguments.suffix(5) == ["--", "ctl", "sluice-slurm-agent", "dial", "/run/sluice/agent.sock"])
    let other = SSHCommand(host: "ctl", path: "/s", configuration: "/etc/sluice/ssh_config")
    #expect(other.arguments.prefix(4) == ["ssh", "-F", "/etc/sluice/ssh_config", "-T"])
  }

  private func reason(_ words: String, status: LineProcess.End.Status = .exited(255)) -> String? {
    command.reason(of: LineProcess.End(status: status, isItsOwn: true, lastWords: words))
  }

  @Test func itTellsWhySshEndedAndWhatToDo() {
    #expect(
      reason(
        "no such identity: /k: No such file or directory\r\nsluice@ctl: Permission denied (publickey).\r\n")
        == "ssh to ctl: no such identity: /k: No such file or directory; sluice@ctl: Permission denied (publickey): "
        + "write this side's public key into authorized_keys there, and see which key this ssh offers")
    #expect(
      reason("sh: 1: sluice-slurm-agent: not found\n", status: .exited(127))
        == "ssh to ctl: sh: 1: sluice-slurm-agent: not found: install sluice-slurm-agent there, in its PATH")
    #expect(reason("", status: .exited(255)) == "ssh to ctl: it ended with status 255, and said nothing")
    #expect(
      reason("", status: .killed(signal: 9)) == "ssh to ctl: it was ended by signal 9, and said nothing")
  }

  @Test func anEndThatWasWantedNeedsNoReason() {
    #expect(reason("", status: .exited(0)) == nil)
    let end = LineProcess.End(
      status: .exited(255), isItsOwn: false, lastWords: "Killed by signal 15.\n")
    #expect(command.reason(of: end) == nil)
  }

  @Test func noOneMeddlesWithATerminalThroughIt() {
    let long = String(repeating: "x", count: 3000)
    let said = reason("@@@@@@\n** WARNING **\n\u{1b}[2J\u{7}gone.\n\n\(long)\n") ?? ""
    #expect(said.hasPrefix("ssh to ctl: [2Jgone; xxx"))
    #expect(said.count < 500)
  }
}
