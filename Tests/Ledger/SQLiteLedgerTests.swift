import Foundation
import Ledger
import Model
import Testing

@Suite struct SQLiteLedgerTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "ledger-\(UUID()).sqlite").path
  private let now = Timestamp(seconds: 1_000)

  @Test func givesBackWhatWasCommitted() throws {
    var ledger: SQLiteLedger? = try SQLiteLedger(path: path)
    #expect(try ledger?.start(at: now).term == 1)
    var batch = LedgerBatch(at: now)
    batch.events = ["e1", "e2"]
    batch.records = [
      LedgerRecord(key: "project/a", payload: "1"), LedgerRecord(key: "project/b", payload: "2"),
    ]
    let number = WriteNumber(term: 1, sequence: 1)
    batch.effects = [
      LedgerEffect(cluster: "alpha", number: number, payload: "w"),
      LedgerEffect(cluster: "beta", number: number, payload: "x"),
    ]
    try ledger?.commit(batch)
    var second = LedgerBatch(at: now)
    second.records = [
      LedgerRecord(key: "project/a", payload: "3"), LedgerRecord(key: "project/b", payload: nil),
    ]
    second.outcomes = [EffectOutcome(cluster: "alpha", number: number, outcome: "taken")]
    try ledger?.commit(second)
    ledger = nil

    let contents = try SQLiteLedger(path: path).start(at: now)
    #expect(contents.term == 2)
    #expect(contents.records == [LedgerRecord(key: "project/a", payload: "3")])
    #expect(contents.openEffects == [LedgerEffect(cluster: "beta", number: number, payload: "x")])
  }

  @Test func pagesTheAudit() throws {
    let ledger = try SQLiteLedger(path: path)
    _ = try ledger.start(at: now)
    var batch = LedgerBatch(at: now)
    batch.audit = (1...5).map {
      AuditRecord(
        at: now, who: "root", action: "project.set", project: $0 % 2 == 0 ? "even" : "odd", to: "\($0)")
    }
    try ledger.commit(batch)
    let first = try ledger.audit(AuditFilter(), before: nil, limit: 2)
    #expect(first.map(\.to) == ["5", "4"])
    let rest = try ledger.audit(AuditFilter(), before: first.last?.id, limit: 10)
    #expect(rest.map(\.to) == ["3", "2", "1"])
    #expect(try ledger.audit(AuditFilter(project: "even"), before: nil, limit: 10).map(\.to) == ["4", "2"])
  }

  @Test func findsTheAuditByTimeClusterAndAction() throws {
    let ledger = try SQLiteLedger(path: path)
    _ = try ledger.start(at: now)
    func filter(_ change: (inout AuditFilter) -> Void) throws -> [String?] {
      var filter = AuditFilter(project: "gen")
      change(&filter)
      return try ledger.audit(filter, before: nil, limit: 10).map(\.to)
    }
    let entries: [(at: Int64, action: String, cluster: String?)] = [
      (10, "project.set", nil), (20, "allotment", "alpha"), (20, "allotment", "beta"), (30, "drift", "alpha"),
      (40, "allotment", "alpha"),
    ]
    for (number, entry) in entries.enumerated() {
      let at = Timestamp(seconds: entry.at)
      var batch = LedgerBatch(at: at)
      batch.audit = [
        AuditRecord(
          at: at, who: "root", action: entry.action, project: "gen", cluster: entry.cluster, to: "\(number)")
      ]
      try ledger.commit(batch)
    }
    #expect(try filter { $0.until = Timestamp(seconds: 25) } == ["2", "1", "0"])
    #expect(try filter { $0.until = Timestamp(seconds: 20) } == ["2", "1", "0"], "both ends count")
    #expect(try filter { $0.until = Timestamp(seconds: 9) } == [])
    #expect(try filter { $0.since = Timestamp(seconds: 20) } == ["4", "3", "2", "1"])
    #expect(try filter { $0.since = Timestamp(seconds: 41) } == [])
    #expect(try filter { $0.cluster = "alpha" } == ["4", "3", "1"])
    #expect(
      try filter {
        $0.cluster = "alpha"
        $0.includesWholeProject = true
      } == ["4", "3", "1", "0"])
    #expect(try filter { $0.actions = ["allotment", "project.set"] } == ["4", "2", "1", "0"])
  }

  @Test func keepsNothingOfABatchThatFails() throws {
    let ledger = try SQLiteLedger(path: path)
    _ = try ledger.start(at: now)
    var batch = LedgerBatch(at: now)
    let effect = LedgerEffect(cluster: "alpha", number: WriteNumber(term: 1, sequence: 1), payload: "w")
    batch.records = [LedgerRecord(key: "project/a", payload: "1")]
    batch.effects = [effect, effect]
    #expect(throws: LedgerError.self) { try ledger.commit(batch) }
    #expect(try ledger.start(at: now).records.isEmpty)
  }

  @Test func refusesASecondUser() throws {
    let ledger = try SQLiteLedger(path: path)
    _ = try ledger.start(at: now)
    let error = #expect(throws: LedgerError.self) { _ = try SQLiteLedger(path: path).start(at: now) }
    guard case .inUse = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    withExtendedLifetime(ledger) {}
  }

  @Test func saysWhyItCannotOpen() {
    let error = #expect(throws: LedgerError.self) { try SQLiteLedger(path: "/nowhere/ledger.sqlite") }
    #expect(error?.description.contains("/nowhere/ledger.sqlite") == true)
  }

  @Test func refusesAFileThatIsNoLedger() throws {
    try Data("not a database, but long enough to be taken for one by its length alone".utf8)
      .write(to: URL(filePath: path))
    #expect(throws: LedgerError.self) { try SQLiteLedger(path: path) }
  }
}
