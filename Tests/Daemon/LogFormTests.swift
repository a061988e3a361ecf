import Logging
import Model
import Testing

@testable import Daemon

@Suite struct LogFormTests {
  private func line(
    _ form: LogForm, _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata = [:]
  ) -> String {
    form.line(
      LogEntry(
        label: "test", level: level, message: message, metadata: metadata,
        time: Timestamp(milliseconds: 1_764_016_200_041)))
  }

  @Test func aTerminalGetsTimeAndLevel() {
    #expect(
      line(.terminal, .warning, "lost", ["cluster": "alpha", "age": "3"])
        == "2025-11-24T20:30:00.041Z warning: lost age=3 cluster=alpha\n")
  }

  @Test func theJournalGetsAPriority() {
    let priorities = Logger.Level.allCases.map { line(.journal, $0, "m") }
    #expect(priorities == ["<7>m\n", "<7>m\n", "<6>m\n", "<5>m\n", "<4>m\n", "<3>m\n", "<2>m\n"])
  }

  @Test func aMessageIsOneLineWhateverItHolds() {
    #expect(
      line(.journal, .info, "a\nb\u{1b}[1m", ["why": "said \"no\"\n", "none": ""])
        == "<6>a\\nb?[1m none=\"\" why=\"said \\\"no\\\"\\n\"\n")
  }

  @Test func aLongMessageIsCutAndSaysSo() {
    let line = line(.journal, .info, String(repeating: "x", count: 100_000))
    #expect(line.utf8.count <= LogForm.longestLine)
    #expect(line.hasSuffix("x [... 100003 bytes in all]\n"))
  }
}
