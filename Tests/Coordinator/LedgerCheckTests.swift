import Foundation
import Ledger
import Model
import Testing
import Wire

@testable import Coordinator

/// Each kind of damage, planted in what a sound ledger shows, is found and named.
@Suite struct LedgerCheckTests {
  /// What a ledger with two projects and a drained cluster shows.
  private func entries() throws -> [LedgerEntry] {
    let service = try Service()
    defer { service.remove() }
    for name in ["p1", "p2", "p1"] {
      _ = try service.call(
        "project.set", ProjectSet(project: try Service.project(name, cpu: name == "p1" ? 8 : 4)),
        as: PlanStep.self)
    }
    for method in ["cluster.drain", "cluster.resume", "cluster.drain"] {
      _ = try service.call(method, ClusterRequest(cluster: try ClusterName("beta")), as: ClusterStatus.self)
    }
    service.end()
    let path = "\(service.folder)/ledger.sqlite"
    var entries: [LedgerEntry] = []
    #expect(try SQLiteLedger.inspect(fileAt: path) { entries.append($0) } == [])
    #expect(try findings(entries) == [])
    return entries
  }

  private func findings(_ entries: [LedgerEntry], faults: [String] = []) throws -> [String] {
    let report = try LedgerCheck.report { visit throws(LedgerError) in
      for entry in entries { visit(entry) }
      return faults
    }
    #expect(report.findings.allSatisfy { !$0.advice.isEmpty })
    return report.findings.map { "\($0.subject) \($0.message)" }
  }

  private func isEvent(_ number: Int64) -> (LedgerEntry) -> Bool {
    { if case .event(number, _, _) = $0 { true } else { false } }
  }

  private func replacing(_ old: String, with new: String) -> (LedgerEntry) -> LedgerEntry {
    { entry in
      guard case .record(var record) = entry else { return entry }
      record.payload = record.payload?.replacing(old, with: new)
      return .record(record)
    }
  }

  @Test func aRecordThatDoesNotDecode() throws {
    let found = try findings(try entries().map(replacing("\"name\":\"p1\"", with: "\"name\":1")))
    #expect(
      found.first?.hasPrefix("record 'project/p1' the ledger's record 'project/p1' can't be read") == true)
    #expect(found.contains { $0.hasPrefix("project p1 has no record") })
  }

  @Test func aParentThatIsNotThere() throws {
    let found = try findings(
      try entries().map(replacing("\"name\":\"p1\",", with: "\"name\":\"p1\",\"parent\":\"p9\",")))
    #expect(found.contains("project p1 there is no project 'p9', though it is above this one"))
  }

  @Test func parentsThatGoRoundInARing() throws {
    let found = try findings(
      try entries().map(replacing("\"name\":\"p1\",", with: "\"name\":\"p1\",\"parent\":\"p1\",")))
    #expect(found.contains("project p1 the projects above it go round in a ring, by p1"))
  }

  @Test func aRecordThatNoReleaseKnows() throws {
    let found = try findings(try entries() + [.record(LedgerRecord(key: "queue/x", payload: "1"))])
    #expect(found == ["record 'queue/x' the ledger has a record 'queue/x' that this release doesn't know"])
  }

  @Test func aRecordThatIsNotWhatTheEventsAddUpTo() throws {
    let found = try findings(try entries().map(replacing("\"cpu\":8", with: "\"cpu\":80")))
    #expect(found == ["project p1 differs: the records are not what the events add up to"])
  }

  @Test func aRecordThatIsMissing() throws {
    let all = try entries()
    let withoutProject = all.filter {
      if case .record(let record) = $0 { record.key != "project/p2" } else { true }
    }
    #expect(
      try findings(withoutProject)
        == ["project p2 has no record: the records are not what the events add up to"])
    let withoutDrain = all.filter {
      if case .record(let record) = $0 { record.key != "drained/beta" } else { true }
    }
    #expect(
      try findings(withoutDrain)
        == ["cluster beta whether it is drained differs between records and events"])
  }

  @Test func anEventThatIsMissing() throws {
    #expect(try findings(try entries().filter { !isEvent(2)($0) }) == ["the events number 2 is missing"])
    #expect(
      try findings(try entries().filter { !isEvent(2)($0) && !isEvent(3)($0) })
        == ["the events numbers 2 to 3 are missing"])
  }

  @Test func anEventThatDoesNotDecode() throws {
    let found = try findings(
      try entries().map { entry in
        guard case .event(2, let at, _) = entry else { return entry }
        return .event(id: 2, at: at, payload: "{}")
      })
    #expect(found.count == 1 && found.first?.hasPrefix("event 2 can't be read") == true)
  }

  @Test func eventsThatWereForgottenAreNoDamage() throws {
    let entries = try entries().filter { !isEvent(1)($0) }
    let report = try LedgerCheck.report { visit throws(LedgerError) in
      for entry in entries { visit(entry) }
      return []
    }
    #expect(report.findings == [])
    #expect(report.notes.contains("the events go back to number 2: what came before is in the records alone"))
  }

  @Test func aTermThatFalls() throws {
    let found = try findings(
      try entries() + [
        .effect(id: 1, cluster: "alpha", WriteNumber(term: 3, sequence: 1)),
        .effect(id: 2, cluster: "beta", WriteNumber(term: 2, sequence: 1)),
        .effect(id: 3, cluster: "alpha", WriteNumber(term: 2, sequence: 9)),
      ])
    #expect(
      found == ["write 2.9 to alpha comes after 3.1 (entry 3), but the numbers of writes must rise"])
  }

  @Test func anAuditEntryThatIsMissing() throws {
    let found = try findings(try entries().filter { if case .audit(2) = $0 { false } else { true } })
    #expect(found == ["the audit number 2 is missing"])
  }

  @Test func aChargeThatCanNotBe() throws {
    func charge(seconds: Int64 = 60, tres: String = "cpu=1") -> LedgerEntry {
      .charge(
        ChargeRecord(
          cluster: "alpha", job: "7", submittedAt: 90, startedAt: 100, endedAt: 160, seconds: seconds,
          project: nil, account: "a", user: "alice", partition: "main", qos: nil, state: "completed",
          tres: tres))
    }
    let cursor = LedgerEntry.chargeCursor(ChargeCursorRecord(cluster: "alpha", cursor: "1"))
    #expect(try findings(try entries() + [charge(), cursor]) == [])
    for seconds: Int64 in [61, -1] {
      #expect(
        try findings(try entries() + [charge(seconds: seconds), cursor])
          == [
            "the charge for job 7 of alpha has \(seconds) s, which do not fit between its start and its end"
          ])
    }
    #expect(
      try findings(try entries() + [charge(tres: "cpu"), cursor])
        == ["the charge for job 7 of alpha can't be read: 'cpu' needs an amount, as in cpu=8"])
    #expect(
      try findings(try entries() + [charge()])
        == ["cluster alpha has charges, but nothing tells how far they were asked for"])
  }

  @Test func anAccountThatTwoProjectsHave() throws {
    let found = try findings(try entries().map(replacing("\"account\":\"p2\"", with: "\"account\":\"p1\"")))
    #expect(found.contains("project p2 p1 has account p1 on alpha too"))
  }

  @Test func damageOfTheFileIsNotHeldAgainstWhatIsInIt() throws {
    let found = try findings(Array(try entries().prefix(2)), faults: ["row 3 missing from index"])
    #expect(found == ["the file is damaged: row 3 missing from index"])
  }
}
