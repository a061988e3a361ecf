internal import GRDB

// Credits and debits of budgets.
extension SQLiteLedger {
  package func budgetEntries(since: Int64) throws(LedgerError) -> [BudgetEntryRecord] {
    do {
      let reader = try reader()
      defer { try? reader.close() }
      return try reader.read { database in
        try Row.fetchAll(
          database, sql: "SELECT * FROM budgetEntry WHERE at >= ? ORDER BY id", arguments: [since]
        ).map(Self.budgetEntry)
      }
    } catch {
      throw .failed("\(error)")
    }
  }

  static func budgetEntry(_ row: Row) -> BudgetEntryRecord {
    BudgetEntryRecord(
      at: row["at"], project: row["project"], tres: row["tres"], milliHours: row["milliHours"],
      isDebit: row["isDebit"], who: row["who"], reason: row["reason"])
  }

  static func insertBudgetEntries(_ entries: [BudgetEntryRecord], in database: Database) throws {
    for entry in entries {
      try database.cachedStatement(
        sql: """
          INSERT INTO budgetEntry (at, project, tres, milliHours, isDebit, who, reason)
          VALUES (?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        entry.at, entry.project, entry.tres, entry.milliHours, entry.isDebit, entry.who, entry.reason,
      ])
    }
  }
}
