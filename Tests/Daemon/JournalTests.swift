import Foundation
import Logging
import Model
import Testing

@testable import Daemon

@Suite struct JournalTests {
  private func entry(_ message: String, _ metadata: Logger.Metadata = [:]) -> LogEntry {
    LogEntry(
      label: "sluiced", level: .warning, message: message, metadata: metadata,
      time: Timestamp(milliseconds: 1_764_016_200_041))
  }

  @Test func fieldsCanBeMatched() throws {
    let receiver = try DatagramReceiver()
    LogTarget.journal(Journal(path: receiver.path))
      .write(entry("limit failed", ["cluster": "alpha", "boot-time": "5", "reason": "no\nmore"]))
    let datagram = try #require(receiver.next())
    #expect(
      datagram == """
        MESSAGE=limit failed boot-time=5 cluster=alpha reason="no\\nmore"
        PRIORITY=4
        SYSLOG_IDENTIFIER=sluiced
        SLUICE_BOOT_TIME=5
        SLUICE_CLUSTER=alpha
        SLUICE_REASON
        \u{7}\0\0\0\0\0\0\0no
        more

        """)
  }

  @Test func anEntryIsBounded() {
    let long = String(repeating: "x", count: 20_000)
    var metadata: Logger.Metadata = [:]
    for number in 0..<100 { metadata["key\(number)"] = .string(long) }
    #expect(Journal.bytes(entry(long, metadata)).count < 180_000)
    #expect(
      String(decoding: Journal.bytes(entry("m", ["key": .string(long)])), as: UTF8.self)
        .contains("x [... 20000 bytes in all]"))
  }

  @Test func withoutAJournalTheLinesGoToStandardError() throws {
    let pipe = Pipe()
    LogTarget.journal(Journal(path: "/nowhere/journal"))
      .write(entry("lost", ["cluster": "alpha"]), to: pipe.fileHandleForWriting.fileDescriptor)
    try pipe.fileHandleForWriting.close()
    #expect(
      String(decoding: try #require(try pipe.fileHandleForReading.readToEnd()), as: UTF8.self)
        == "<4>lost cluster=alpha\n")
  }

  @Test func aBusyJournalHoldsUpNobody() throws {
    let receiver = try DatagramReceiver()
    let target = LogTarget.journal(Journal(path: receiver.path))
    let pipe = Pipe()
    let start = ContinuousClock.now
    // More than any queue of datagrams takes.
    while ContinuousClock.now - start < .seconds(2) {
      target.write(entry("again"), to: pipe.fileHandleForWriting.fileDescriptor)
    }
    #expect(ContinuousClock.now - start < .seconds(10))
    try pipe.fileHandleForWriting.close()
    #expect(try pipe.fileHandleForReading.readToEnd() == nil, "standard error would hang as well")
  }

  @Test func onlyAMatchingStreamIsTheJournal() throws {
    let pipe = Pipe()
    let descriptor = pipe.fileHandleForWriting.fileDescriptor
    var status = stat()
    #expect(unsafe fstat(descriptor, &status) == 0)
    func isJournal(_ stream: String?) -> Bool {
      if case .journal = LogTarget(journalStream: stream, descriptor: descriptor, journal: "/j") {
        true
      } else {
        false
      }
    }
    #expect(isJournal("\(status.st_dev):\(status.st_ino)"))
    #expect(!isJournal("\(status.st_dev):\(status.st_ino + 1)"))
    #expect(!isJournal(nil))
    #expect(!isJournal(""))
  }

  @Test func aLastWordToTheJournalIsAnError() {
    #expect(
      Service.complaint("a.yaml:3: bad\nmore\n", to: .journal(Journal(path: "/j")))
        == "<3>a.yaml:3: bad\n<3>more\n")
    #expect(Service.complaint("a.yaml:3: bad\n", to: .terminal) == "a.yaml:3: bad\n")
  }
}
