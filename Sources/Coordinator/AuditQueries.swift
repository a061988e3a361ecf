internal import Core
internal import Ledger
internal import Model
internal import Wire

// What was changed and moved, from the ledger's audit.
extension Writer {
  /// What makes a quota what it is: its caps, what of it each cluster had, and a foreign hand on that.
  private static let quotaActions = [
    "project.set", "project.delete", "allotment", "loan", "drift", "recover", "budget",
    "budget.credit", "budget.debit",
  ]

  func listAudit(_ request: AuditRequest, for caller: Caller) throws(Failure) -> Page<AuditEntry> {
    if let name = request.project {
      try caller.require(.projectAdmin, in: name, of: state, for: "audit.list")
    } else {
      try caller.require(.administrator, of: state, for: "audit.list without a project")
    }
    var filter = AuditFilter(project: request.project?.text, cluster: request.cluster?.text)
    filter.since = request.since
    filter.until = request.until
    return try entries(filter, limit: request.limit, cursor: request.cursor) { AuditEntry($0) }
  }

  func quotaHistory(_ request: QuotaHistoryRequest, for caller: Caller) throws(Failure) -> Page<AuditEntry> {
    try caller.require(.projectUser, in: request.project, of: state, for: "quota.history")
    var filter = AuditFilter(project: request.project.text, cluster: request.cluster?.text)
    filter.includesWholeProject = true
    filter.actions = Self.quotaActions
    filter.since = request.since
    filter.until = request.until
    return try entries(filter, limit: request.limit, cursor: request.cursor) { record in
      let entry = AuditEntry(record)
      return if let tres = request.tres { entry.narrowed(to: tres) } else { entry }
    }
  }

  /// A page of those that `make` makes something of; it may have fewer than `limit` although there are more.
  private func entries(
    _ filter: AuditFilter, limit: Int?, cursor: String?, _ make: (AuditRecord) -> AuditEntry?
  ) throws(Failure) -> Page<AuditEntry> {
    let bounds = try PageBounds(limit: limit, cursor: cursor)
    let before = try bounds.cursor.map { text throws(Failure) in
      guard let id = Int64(text) else {
        throw Failure(.badParameters, "cursor: not one that this service gave")
      }
      return id
    }
    if let since = filter.since, let until = filter.until, since > until {
      throw Failure(.badParameters, "until: \(until.iso8601) is before since, \(since.iso8601)")
    }
    do {
      let records = try ledger.audit(filter, before: before, limit: bounds.limit)
      let isFull = records.count == bounds.limit
      return Page(
        items: records.compactMap(make), nextCursor: isFull ? records.last.map { String($0.id) } : nil)
    } catch {
      throw Failure(.faulty, error.description)
    }
  }
}

extension AuditEntry {
  /// With what it says of `tres` alone; nil when that is nothing. A foreign hand or a recovery concerns every TRES.
  fileprivate func narrowed(to tres: TRES) -> AuditEntry? {
    guard action != "drift", action != "recover" else { return self }
    var entry = self
    entry.from = Self.words(of: tres, in: from)
    entry.to = Self.words(of: tres, in: to)
    return entry.from == entry.to ? nil : entry
  }

  /// An allotment stands as `cpu=8,mem=16G`; a project's fields as `limits.cpu=8 borrow.cpu=4 parent=biology`.
  private static func words(of tres: TRES, in text: String?) -> String? {
    guard let text, !text.isEmpty else { return nil }
    if let amounts = try? TRESAmounts(parsing: text) { return amounts[tres].map { $0.text(of: tres) } }
    let found = text.split(separator: " ").filter { $0.contains(".\(tres)=") }
    let limit = found.first { $0.hasPrefix("limits.") }
    if let limit, found.count == 1 { return String(limit.dropFirst("limits.\(tres)=".count)) }
    return found.isEmpty ? nil : found.joined(separator: " ")
  }
}
