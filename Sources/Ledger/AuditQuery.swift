internal import GRDB
internal import Model

// Reading the audit: by the place in it, for it only grows.
extension SQLiteLedger {
  package func audit(
    _ filter: AuditFilter, before: Int64?, limit: Int
  ) throws(LedgerError) -> [AuditRecord] {
    try attempt { database in
      let end = try Self.end(of: filter, before: before, in: database)
      let start = try filter.since.map { try Self.firstEntry(since: $0, in: database) ?? .max } ?? 0
      let marks = databaseQuestionMarks(count: filter.actions.count)
      var conditions = ["id >= ?", "id < ?"]
      var values: [any DatabaseValueConvertible] = [start, end]
      if let project = filter.project {
        conditions.append("project = ?")
        values.append(project)
      }
      if let cluster = filter.cluster {
        conditions.append(filter.includesWholeProject ? "(cluster = ? OR cluster IS NULL)" : "cluster = ?")
        values.append(cluster)
      }
      if !filter.actions.isEmpty {
        conditions.append("action IN (\(marks))")
        values += filter.actions
      }
      return try Row.fetchAll(
        database,
        sql:
          "SELECT * FROM audit WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT \(limit)",
        arguments: StatementArguments(values)
      ).map(Self.auditRecord)
    }
  }

  private static func end(of filter: AuditFilter, before: Int64?, in database: Database) throws -> Int64 {
    guard let until = filter.until else { return before ?? .max }
    let last = try Int64.fetchOne(
      database, sql: "SELECT id FROM audit WHERE at <= ? ORDER BY at DESC, id DESC LIMIT 1",
      arguments: [until.milliseconds])
    return min(before ?? .max, (last ?? 0) + 1)
  }

  private static func firstEntry(since moment: Timestamp, in database: Database) throws -> Int64? {
    try Int64.fetchOne(
      database, sql: "SELECT id FROM audit WHERE at >= ? ORDER BY at, id LIMIT 1",
      arguments: [moment.milliseconds])
  }
}
