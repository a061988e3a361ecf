internal import GRDB
internal import Glibc
package import Model

/// The ledger in one SQLite file: a transaction a batch, synced before `commit` returns.
package final class SQLiteLedger: Ledger {
  /// How many events are kept for looking back; the records hold the state, so older ones may go.
  private static let keptEvents: Int64 = 1_000_000
  /// Ended effects are kept for as long, at most.
  private static let keptEffects: Int64 = 100_000

  private let path: String
  private let database: DatabaseQueue
  private let lock: LedgerLock

  /// - Parameter recovering: whoever starts sluiced knows that the clusters may have seen more than this file. It
  ///   stays marked so until a batch `endsRecovery`.
  /// - Throws: `.isBackup` for a backup that is not started `recovering`.
  package init(path: String, recovering: Bool = false) throws(LedgerError) {
    let lock = try LedgerLock(path: path, mayCreate: true)
    do {
      if LedgerMark.isBackup(fileAt: path) {
        guard recovering else { throw LedgerError.isBackup(path: path) }
        try LedgerMark.adoptBackup(at: path)
      }
      database = try DatabaseQueue(path: path, configuration: Self.configuration)
      let migrator = Schema.migrator
      guard try database.read({ try !migrator.hasBeenSuperseded($0) }) else {
        throw LedgerError.tooNew(path: path)
      }
      try migrator.migrate(database)
      if recovering { try database.write { try LedgerMark.recovering.write(in: $0) } }
    } catch let error as LedgerError {
      throw error
    } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
      throw .full(path: path)
    } catch {
      throw .cannotOpen(path: path, "\(error)")
    }
    self.path = path
    self.lock = lock
  }

  /// The writer's. Others may read beside it, and never hold it up: that is what the write-ahead log is for.
  private static var configuration: Configuration {
    var configuration = Configuration()
    // A stranger's lock, such as that of an sqlite3 shell, may be gone in a moment.
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = WAL")
      try database.execute(sql: "PRAGMA synchronous = FULL")
    }
    return configuration
  }

  static var readOnly: Configuration {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    return configuration
  }

  /// A connection beside the writer's.
  func reader() throws -> DatabaseQueue { try DatabaseQueue(path: path, configuration: Self.readOnly) }

  package var bytesLeft: Int64? {
    try? bytesFree(at: path)
  }

  package func close() {
    try? database.close()
    lock.release()
  }

  package func start(at now: Timestamp) throws(LedgerError) -> LedgerContents {
    try attempt { database in
      let lastWrites = try Self.lastWrites(in: database)
      let started = try Int64.fetchOne(database, sql: "SELECT max(term) FROM term") ?? 0
      // A term may have risen above the start's, to exceed what an agent had seen.
      let last = lastWrites.values.map(\.term).reduce(started, max)
      try database.execute(
        sql: "INSERT INTO term (term, startedAt) VALUES (?, ?)", arguments: [last + 1, now.milliseconds])
      try Self.forget(in: database)
      try Self.forgetCharges(before: now, in: database)
      return LedgerContents(
        term: last + 1, records: try Self.records(in: database),
        openEffects: try Self.openEffects(in: database), lastWrites: lastWrites,
        chargeCursors: try Self.chargeCursors(in: database),
        isRecovering: try LedgerMark.read(in: database) == .recovering)
    }
  }

  @discardableResult
  package func commit(_ batch: LedgerBatch) throws(LedgerError) -> [ChargeRecord] {
    try attempt { database in
      try Self.insertEvents(batch, in: database)
      try Self.upsertRecords(batch.records, in: database)
      try Self.updateEffects(batch, in: database)
      try Self.insertAudit(batch.audit, in: database)
      try Self.insertBudgetEntries(batch.budgetEntries, in: database)
      let new = try Self.insertCharges(batch, in: database)
      if batch.endsRecovery { try LedgerMark.ledger.write(in: database) }
      return new
    }
  }

  package func backup(to path: String) throws(BackupError) -> Int64 {
    let backup = try Backup(path: path)
    let source: DatabaseQueue
    do {
      source = try reader()
    } catch {
      throw .failed(path: path, "\(error)")
    }
    defer { try? source.close() }
    return try backup.write(from: source)
  }

  func attempt<Result>(_ body: (Database) throws -> Result) throws(LedgerError) -> Result {
    do {
      return try database.write(body)
    } catch let error as DatabaseError where error.resultCode == .SQLITE_FULL {
      throw .full(path: path)
    } catch {
      throw .failed("\(error)")
    }
  }
}

// Reading.
extension SQLiteLedger {
  private static func records(in database: Database) throws -> [LedgerRecord] {
    try Row.fetchAll(database, sql: "SELECT key, payload FROM record ORDER BY key").map {
      LedgerRecord(key: $0["key"], payload: $0["payload"])
    }
  }

  private static func openEffects(in database: Database) throws -> [LedgerEffect] {
    try Row.fetchAll(
      database,
      sql: "SELECT cluster, term, sequence, payload FROM effect WHERE outcome IS NULL ORDER BY id"
    ).map {
      LedgerEffect(
        cluster: $0["cluster"], number: WriteNumber(term: $0["term"], sequence: $0["sequence"]),
        payload: $0["payload"])
    }
  }

  private static func lastWrites(in database: Database) throws -> [String: WriteNumber] {
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT cluster, term, max(sequence) AS sequence FROM effect
        JOIN (SELECT cluster, max(term) AS term FROM effect GROUP BY cluster) USING (cluster, term)
        GROUP BY cluster
        """)
    return Dictionary(
      uniqueKeysWithValues: rows.map {
        ($0["cluster"], WriteNumber(term: $0["term"], sequence: $0["sequence"]))
      })
  }

  static func auditRecord(_ row: Row) -> AuditRecord {
    AuditRecord(
      id: row["id"], at: Timestamp(milliseconds: row["at"]), who: row["who"], action: row["action"],
      project: row["project"], cluster: row["cluster"], from: row["fromValue"], to: row["toValue"],
      reason: row["reason"])
  }
}

// Writing.
extension SQLiteLedger {
  private static func insertEvents(_ batch: LedgerBatch, in database: Database) throws {
    guard !batch.events.isEmpty else { return }
    let statement = try database.cachedStatement(sql: "INSERT INTO event (at, payload) VALUES (?, ?)")
    for event in batch.events { try statement.execute(arguments: [batch.at.milliseconds, event]) }
  }

  private static func upsertRecords(_ records: [LedgerRecord], in database: Database) throws {
    guard !records.isEmpty else { return }
    let upsert = try database.cachedStatement(
      sql:
        "INSERT INTO record (key, payload) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET payload = excluded.payload"
    )
    let delete = try database.cachedStatement(sql: "DELETE FROM record WHERE key = ?")
    for record in records {
      if let payload = record.payload {
        try upsert.execute(arguments: [record.key, payload])
      } else {
        try delete.execute(arguments: [record.key])
      }
    }
  }

  private static func updateEffects(_ batch: LedgerBatch, in database: Database) throws {
    for effect in batch.effects {
      try database.cachedStatement(
        sql: "INSERT INTO effect (at, cluster, term, sequence, payload) VALUES (?, ?, ?, ?, ?)"
      ).execute(arguments: [
        batch.at.milliseconds, effect.cluster, effect.number.term, effect.number.sequence, effect.payload,
      ])
    }
    for outcome in batch.outcomes {
      try database.cachedStatement(
        sql: "UPDATE effect SET outcome = ?, endedAt = ? WHERE cluster = ? AND term = ? AND sequence = ?"
      ).execute(arguments: [
        outcome.outcome, batch.at.milliseconds, outcome.cluster, outcome.number.term, outcome.number.sequence,
      ])
    }
  }

  private static func insertAudit(_ records: [AuditRecord], in database: Database) throws {
    for record in records {
      try database.cachedStatement(
        sql: """
          INSERT INTO audit (at, who, action, project, cluster, fromValue, toValue, reason)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """
      ).execute(arguments: [
        record.at.milliseconds, record.who, record.action, record.project, record.cluster, record.from,
        record.to, record.reason,
      ])
    }
  }

  /// At each start, so that the file has a bound. The last write to each cluster stays, however old.
  private static func forget(in database: Database) throws {
    try database.execute(
      sql: "DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?", arguments: [keptEvents])
    try database.execute(
      sql: """
        DELETE FROM effect WHERE outcome IS NOT NULL AND id <= (SELECT max(id) FROM effect) - ?
        AND id NOT IN (SELECT max(id) FROM effect GROUP BY cluster)
        """,
      arguments: [keptEffects])
  }
}
