import Foundation
import Ledger
import Model
import Testing

@Suite struct ChargeTests {
  private let now = Timestamp(seconds: 1_764_000_000)
  /// 2025-12-01T00:00:00Z.
  private let border: Int64 = 1_764_547_200

  private func charge(
    _ job: String, _ start: Int64, _ end: Int64, project: String? = "gen", tres: String = "cpu=2"
  ) -> ChargeRecord {
    ChargeRecord(
      cluster: "alpha", job: job, submittedAt: start - 5, startedAt: start, endedAt: end,
      seconds: end - start,
      project: project, account: "gen", user: "alice", partition: "main", qos: nil, state: "completed",
      tres: tres)
  }

  private func commit(_ charges: [ChargeRecord], cursor: String = "c", to ledger: SQLiteLedger) throws {
    var batch = LedgerBatch(at: now)
    batch.charges = charges
    batch.chargeCursors = [ChargeCursorRecord(cluster: "alpha", cursor: cursor)]
    try ledger.commit(batch)
  }

  private func spans(_ ledger: SQLiteLedger, _ filter: ChargeFilter = ChargeFilter()) throws -> [ChargeSpan] {
    var spans: [ChargeSpan] = []
    try ledger.charges(filter) { spans.append($0) }
    return spans
  }

  @Test func aPageThatComesTwiceChargesOnce() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    let page = [charge("1", 100, 160), charge("2", 100, 130)]
    try commit(page, cursor: "c1", to: ledger)
    try commit(page + [charge("1", 200, 210)], cursor: "c2", to: ledger)
    #expect(try spans(ledger).map(\.seconds) == [100], "60, 30, and 10 of the requeued one")
    ledger.close()
    let again = try SQLiteLedger(path: place.ledger)
    #expect(try again.start(at: Timestamp(seconds: 300)).chargeCursors == ["alpha": "c2"])
    let shown = try Place.entries(of: try copy(again, in: place)).entries
    #expect(shown.contains(.chargeCursor(ChargeCursorRecord(cluster: "alpha", cursor: "c2"))))
    #expect(shown.count { if case .charge = $0 { true } else { false } } == 3)
  }

  private func copy(_ ledger: SQLiteLedger, in place: Place) throws -> String {
    _ = try ledger.backup(to: "\(place.folder)/copy")
    return "\(place.folder)/copy"
  }

  @Test func whatNoBorderCutsIsAddedUpAndTheRestComesWhole() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    try commit(
      [
        charge("1", border - 100, border), charge("2", border - 300, border - 200),
        charge("3", border, border + 50), charge("4", border - 10, border + 10),
        charge("5", border + 100, border + 200, project: nil), charge("6", border + 7, border + 7),
      ], to: ledger)
    let all = try spans(ledger)
    #expect(all.map(\.seconds).reduce(0, +) == 370)
    #expect(all.contains { $0.seconds == 200 && $0.startedAt == border - 300 && $0.endedAt == border })
    #expect(all.contains { $0.seconds == 20 && $0.startedAt == border - 10 })
    #expect(all.count == 4, "two months, one across, and one of no project")
    let some = try spans(ledger, ChargeFilter(since: border + 120, until: border + 130))
    #expect(some.map(\.startedAt) == [border + 100])
    #expect(try spans(ledger, ChargeFilter(cluster: "beta")) == [])
  }

  @Test func aCommitTellsWhichChargesAreNew() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    var batch = LedgerBatch(at: now)
    batch.charges = [charge("1", 100, 160), charge("2", 100, 160)]
    #expect(try ledger.commit(batch) == batch.charges)
    let requeued = charge("2", 200, 260)
    batch.charges += [requeued, requeued]
    #expect(try ledger.commit(batch) == [requeued])
    #expect(try ledger.commit(batch) == [])
  }

  @Test func wholeSpansLieWithinADayWhereDaysAreAskedFor() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    let day: Int64 = 86_400
    try commit(
      [
        charge("1", border + 10, border + 20), charge("2", border + 30, border + day),
        charge("3", border + day, border + day + 5), charge("4", border + day - 5, border + day + 5),
      ], to: ledger)
    let seconds = try spans(ledger, ChargeFilter(within: .day)).map(\.seconds)
    #expect(seconds.sorted() == [5, 10, day - 20])
    #expect(try spans(ledger).map(\.seconds) == [day - 5])
  }

  @Test func whatBudgetsWereCreditedIsKept() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    var batch = LedgerBatch(at: now)
    batch.budgetEntries = [100, 200].map {
      BudgetEntryRecord(
        at: $0, project: "gen", tres: "cpu", milliHours: 1500, isDebit: $0 > 100, who: "root", reason: "why")
    }
    try ledger.commit(batch)
    #expect(try ledger.budgetEntries(since: 0) == batch.budgetEntries)
    #expect(try ledger.budgetEntries(since: 101) == [batch.budgetEntries[1]])
    let shown = try Place.entries(of: try copy(ledger, in: place)).entries
    #expect(shown.contains(.budgetEntry(batch.budgetEntries[1])))
  }

  @Test func chargesAreForgottenAfterFiveYears() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    try commit([charge("1", 100, 160), charge("2", now.seconds - 50, now.seconds)], to: ledger)
    ledger.close()
    let later = try SQLiteLedger(path: place.ledger)
    _ = try later.start(at: now)
    #expect(try spans(later).map(\.seconds) == [50])
  }
}
