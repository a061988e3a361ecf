internal import GRDB
package import Model

/// All that a ledger keeps, entry by entry.
package enum LedgerEntry: Hashable, Sendable {
  case mark(LedgerMark)
  case term(Int64)
  case record(LedgerRecord)
  case event(id: Int64, at: Timestamp, payload: String)
  /// In the order of their making.
  case effect(id: Int64, cluster: String, WriteNumber)
  case audit(id: Int64)
  case charge(ChargeRecord)
  case chargeCursor(ChargeCursorRecord)
  case budgetEntry(BudgetEntryRecord)
}

/// What SQLite finds wrong with a file.
struct Inspection {
  private static let mostFaults = 100

  /// Shows `visit` all of `database`: terms, records, events, effects, audit, charges, their cursors,
  /// and what budgets were credited, each in its order. Returns what is wrong with the file; then not all may have been shown.
  static func run(on database: Database, _ visit: (LedgerEntry) -> Void) throws -> [String] {
    do {
      let faults = try String.fetchAll(database, sql: "PRAGMA integrity_check(\(mostFaults))").filter {
        $0 != "ok"
      }
      guard faults.isEmpty else { return faults }
      try show(database, visit)
      return []
    } catch let error as DatabaseError
      where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
    {
      return [error.message ?? "\(error.resultCode)"]
    }
  }

  private static func show(_ database: Database, _ visit: (LedgerEntry) -> Void) throws {
    visit(.mark(try LedgerMark.read(in: database)))
    try each(database, "SELECT term FROM term ORDER BY term") { visit(.term($0["term"])) }
    try each(database, "SELECT key, payload FROM record ORDER BY key") {
      visit(.record(LedgerRecord(key: $0["key"], payload: $0["payload"])))
    }
    try each(database, "SELECT id, at, payload FROM event ORDER BY id") {
      visit(.event(id: $0["id"], at: Timestamp(milliseconds: $0["at"]), payload: $0["payload"]))
    }
    try each(database, "SELECT id, cluster, term, sequence FROM effect ORDER BY id") {
      let number = WriteNumber(term: $0["term"], sequence: $0["sequence"])
      visit(.effect(id: $0["id"], cluster: $0["cluster"], number))
    }
    try each(database, "SELECT id FROM audit ORDER BY id") { visit(.audit(id: $0["id"])) }
    // A ledger of an earlier release, looked at as it lies there, has none.
    guard try database.tableExists("charge") else { return }
    try each(database, "SELECT * FROM charge ORDER BY id") { visit(.charge(SQLiteLedger.charge($0))) }
    try each(database, "SELECT * FROM chargeCursor ORDER BY cluster") {
      visit(.chargeCursor(ChargeCursorRecord(cluster: $0["cluster"], cursor: $0["cursor"])))
    }
    guard try database.tableExists("budgetEntry") else { return }
    try each(database, "SELECT * FROM budgetEntry ORDER BY id") {
      visit(.budgetEntry(SQLiteLedger.budgetEntry($0)))
    }
  }

  private static func each(_ database: Database, _ sql: String, _ body: (Row) -> Void) throws {
    let rows = try Row.fetchCursor(database, sql: sql)
    while let row = try rows.next() { body(row) }
  }
}

extension SQLiteLedger {
  package func inspect(_ visit: (LedgerEntry) -> Void) throws(LedgerError) -> [String] {
    do {
      let reader = try reader()
      defer { try? reader.close() }
      return try reader.read { try Inspection.run(on: $0, visit) }
    } catch {
      throw .failed("\(error)")
    }
  }

  /// The same for a file that no sluiced uses: a ledger, or a backup. Changes nothing in it.
  package static func inspect(
    fileAt path: String, _ visit: (LedgerEntry) -> Void
  ) throws(LedgerError) -> [String] {
    let lock = try LedgerLock(path: path, mayCreate: false)
    defer { withExtendedLifetime(lock) {} }
    if LedgerMark.isBackup(fileAt: path), LedgerMark.hasCompanion(fileAt: path) {
      return [
        "beside this backup lies a -wal, -shm or -journal file of the ledger that was there before: "
          + "'sluiced --recover' removes it"
      ]
    }
    do {
      let reader = try DatabaseQueue(path: path, configuration: readOnly)
      defer { try? reader.close() }
      return try reader.read { database in
        guard try !Schema.migrator.hasBeenSuperseded(database) else { throw LedgerError.tooNew(path: path) }
        return try Inspection.run(on: database, visit)
      }
    } catch let error as LedgerError {
      throw error
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
      return [error.message ?? "\(error.resultCode)"]
    } catch {
      throw .cannotOpen(path: path, "\(error)")
    }
  }
}
