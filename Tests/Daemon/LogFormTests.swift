import Logging
import Model
import Testing

@testable import Daemon

@Suite struct LogFormTests {
  private let time = Timestamp(milliseconds: 1_764_016_200_041)

  @Test func aTerminalGetsTimeAndLevel() {
    #expect(
      LogForm.terminal.line(
        level: .warning, message: "lost", metadata: ["cluster": "alpha", "age": "3"], at: time)
        == "2025-11-24T20:30:00.041Z warning: lost age=3 cluster=alpha\n")
  }

  @Test func theJournalGetsAPriority() {
    let priorities = Logger.Level.allCases.map {
      LogForm.journal.line(level: $0, message: "m", metadata: [:], at: time)
    }
    #expect(priorities == ["<7>m\n", "<7>m\n", "<6>m\n", "<5>m\n", "<4>m\n", "<3>m\n", "<2>m\n"])
  }

  @Test func aMessageIsOneLineWhateverItHolds() {
    #expect(
      LogForm.journal.line(
        level: .info, message: "a\nb\u{1b}[1m", metadata: ["why": "said \"no\"\n", "none": ""], at: time)
        == "<6>a\\nb?[1m none=\"\" why=\"said \\\"no\\\"\\n\"\n")
  }

  @Test func aLongMessageIsCutAndSaysSo() {
    let line = LogForm.journal.line(
      level: .info, message: String(repeating: "x", count: 100_000), metadata: [:], at: time)
    #expect(line.utf8.count <= LogForm.longestLine)
    #expect(line.hasSuffix("x [... 100003 bytes in all]\n"))
  }
}
