internal import GRDB
internal import Model

// Charges: kept once each, and added up where SQLite can.
extension SQLiteLedger {
  /// Charges are kept for so long after their end, and what was credited as long.
  static let keptChargeSeconds: Int64 = 5 * 366 * 86_400

  /// Returns those that were not there yet.
  static func insertCharges(_ batch: LedgerBatch, in database: Database) throws -> [ChargeRecord] {
    var new: [ChargeRecord] = []
    for charge in batch.charges {
      try database.cachedStatement(
        sql: """
          INSERT INTO charge (cluster, job, submittedAt, startedAt, endedAt, seconds, project, account, user,
            partition, qos, state, tres, partOf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (cluster, job, submittedAt, startedAt) DO NOTHING
          """
      ).execute(arguments: [
        charge.cluster, charge.job, charge.submittedAt, charge.startedAt, charge.endedAt, charge.seconds,
        charge.project, charge.account, charge.user, charge.partition, charge.qos, charge.state, charge.tres,
        charge.partOf,
      ])
      if database.changesCount > 0 { new.append(charge) }
    }
    for record in batch.chargeCursors {
      try database.cachedStatement(
        sql: """
          INSERT INTO chargeCursor (cluster, cursor) VALUES (?, ?)
          ON CONFLICT (cluster) DO UPDATE SET cursor = excluded.cursor
          """
      ).execute(arguments: [record.cluster, record.cursor])
    }
    return new
  }

  static func chargeCursors(in database: Database) throws -> [String: String] {
    let rows = try Row.fetchAll(database, sql: "SELECT cluster, cursor FROM chargeCursor")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0["cluster"], $0["cursor"]) })
  }

  static func charge(_ row: Row) -> ChargeRecord {
    ChargeRecord(
      cluster: row["cluster"], job: row["job"], submittedAt: row["submittedAt"], startedAt: row["startedAt"],
      endedAt: row["endedAt"], seconds: row["seconds"], project: row["project"], account: row["account"],
      user: row["user"], partition: row["partition"], qos: row["qos"], state: row["state"], tres: row["tres"],
      partOf: row["partOf"])
  }

  /// Those within one day or month and within what is wanted are one span for each, by project, user, cluster and TRES; the
  /// others, which a border cuts, come one by one.
  package func charges(
    _ filter: ChargeFilter, _ visit: (ChargeSpan) -> Void
  ) throws(LedgerError) {
    do {
      let reader = try reader()
      defer { try? reader.close() }
      try reader.read { database in
        try Self.visit(Self.whole(filter.within), filter, in: database, visit)
        try Self.visit(Self.cut(filter.within), filter, in: database, visit)
      }
    } catch {
      throw .failed("\(error)")
    }
  }

  private static func isWhole(_ unit: ChargeFilter.Unit) -> String {
    """
    startedAt >= :since AND endedAt <= :until
      AND strftime('\(unit.format)', startedAt, 'unixepoch') = strftime('\(unit.format)', endedAt - 1, 'unixepoch')
    """
  }

  private static let isWanted =
    "endedAt > :since AND startedAt < :until AND seconds > 0 AND (:cluster IS NULL OR cluster = :cluster)"

  private static func whole(_ unit: ChargeFilter.Unit) -> String {
    """
    SELECT project, user, cluster, tres, min(startedAt) AS startedAt, max(endedAt) AS endedAt,
      sum(seconds) AS seconds
    FROM charge WHERE \(isWanted) AND \(isWhole(unit))
    GROUP BY project, user, cluster, tres, strftime('\(unit.format)', startedAt, 'unixepoch')
    """
  }

  private static func cut(_ unit: ChargeFilter.Unit) -> String {
    """
    SELECT project, user, cluster, tres, startedAt, endedAt, seconds
    FROM charge WHERE \(isWanted) AND NOT (\(isWhole(unit)))
    """
  }

  private static func visit(
    _ sql: String, _ filter: ChargeFilter, in database: Database, _ body: (ChargeSpan) -> Void
  ) throws {
    let rows = try Row.fetchCursor(
      database, sql: sql,
      arguments: ["since": filter.since, "until": filter.until, "cluster": filter.cluster])
    while let row = try rows.next() {
      body(
        ChargeSpan(
          project: row["project"], user: row["user"], cluster: row["cluster"], tres: row["tres"],
          startedAt: row["startedAt"], endedAt: row["endedAt"], seconds: row["seconds"]))
    }
  }

  static func forgetCharges(before now: Timestamp, in database: Database) throws {
    let first = now.seconds - keptChargeSeconds
    try database.execute(sql: "DELETE FROM charge WHERE endedAt < ?", arguments: [first])
    try database.execute(sql: "DELETE FROM budgetEntry WHERE at < ?", arguments: [first])
  }
}

extension ChargeFilter.Unit {
  /// What strftime tells two of them apart by.
  fileprivate var format: String {
    switch self {
    case .day: "%Y-%m-%d"
    case .month: "%Y-%m"
    }
  }
}
