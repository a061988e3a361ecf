import Core
import Ledger
import Model
import Quota
import Testing

@testable import Coordinator

/// What the audit says when the ledger is found to be an older copy.
@Suite struct RecoveryRecordTests {
  private let write = WriteNumber(term: 7, sequence: 3)

  private func record(_ input: Input, isDoubting: Bool = true) throws -> AuditRecord? {
    let doubt = Event.share(
      try ProjectName("genomics"), try ClusterName("alpha"),
      .doubted(after: WriteNumber(term: 9, sequence: 0)))
    return AuditRecord(input, doubting: isDoubting ? [doubt] : [], at: Timestamp(seconds: 1))
  }

  private func report(applied: WriteNumber?) throws -> Input {
    let head = Report.Head(
      serial: 1, bootTime: nil, age: 0, applied: applied, isSettled: true, capacity: TRESAmounts(),
      free: TRESAmounts(), voids: [])
    return .report(try ClusterName("alpha"), Report(head: head, accounts: []))
  }

  @Test func aWriteThatAViewShowsIsToldAsOneThatAHelloTells() throws {
    let hello = try #require(try record(.linked(try ClusterName("alpha"), lastWrite: write)))
    let view = try #require(try record(try report(applied: write)))
    #expect(view == hello)
    #expect(view.action == "recover")
    #expect(view.reason == "alpha has seen write 7.3, which this ledger doesn't know: it is an older copy")
    #expect(view.to == "to be read before anything grows: alpha")
  }

  @Test func whatRaisesNoDoubtIsNotTold() throws {
    #expect(try record(try report(applied: write), isDoubting: false) == nil)
    #expect(try record(.linked(try ClusterName("alpha"), lastWrite: write), isDoubting: false) == nil)
    #expect(try record(.recover, isDoubting: false) != nil)
  }
}
