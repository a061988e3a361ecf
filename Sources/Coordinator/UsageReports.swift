internal import Core
internal import Ledger
internal import Model
internal import Wire

// What was used, from the ledger's charges.
extension Writer {
  /// Rows of one report: whoever wants more asks for less at a time.
  private static let mostLines = 100_000

  /// - Returns: What to do on a thread of its own.
  func usageReport(
    _ request: UsageReportRequest, for caller: Caller
  ) throws(Failure) -> @Sendable (any Ledger) throws(Failure) -> (Page<UsageLine>, AuditRecord?) {
    let bounds = try PageBounds(limit: request.limit, cursor: request.cursor)
    let last = try bounds.cursor.map { text throws(Failure) in try Self.words(ofCursor: text) }
    let filter = ChargeFilter(
      since: request.since?.seconds ?? 0, until: request.until?.seconds ?? Month.latest,
      cluster: request.cluster?.text)
    guard filter.since <= filter.until else {
      throw Failure(.badParameters, "until: is before since")
    }
    let seen = try projects(seenBy: caller, of: request.project)
    let tally = UsageTally(
      by: Set(request.by ?? [.project]), within: filter.since..<filter.until, only: request.tres,
      people: People(settings.users))
    return { ledger throws(Failure) in
      let lines = try Self.lines(of: tally, filter, seen, from: ledger)
      let start =
        last.map { last in lines.partitionPoint { !last.lexicographicallyPrecedes($0.key.words) } } ?? 0
      let page = lines[start...].prefix(bounds.limit)
      let isLast = page.endIndex == lines.endIndex
      return (
        Page(
          items: page.map(\.line), nextCursor: isLast ? nil : page.last.map { Records.text($0.key.words) }),
        nil
      )
    }
  }

  private static func words(ofCursor text: String) throws(Failure) -> [String] {
    do {
      return try JSON.decode([String].self, from: Array(text.utf8))
    } catch {
      throw Failure(.badParameters, "cursor: not one that this service gave")
    }
  }

  /// Nil for all, also of work that is no project's.
  private func projects(
    seenBy caller: Caller, of project: ProjectName?
  ) throws(Failure) -> Set<String>? {
    guard let project else {
      guard !caller.isAdministrator else { return nil }
      return Set(
        state.projectNames.filter { caller.role(in: $0, of: state) >= .projectUser }.map(\.text))
    }
    try caller.require(.projectUser, in: project, of: state, for: "usage.report")
    var names: [ProjectName] = [project]
    var next = 0
    while next < names.count {
      names += state.children(of: names[next])
      next += 1
    }
    return Set(names.map(\.text))
  }

  private static func lines(
    of tally: UsageTally, _ filter: ChargeFilter, _ seen: Set<String>?, from ledger: any Ledger
  ) throws(Failure) -> [(key: UsageTally.Key, line: UsageLine)] {
    var tally = tally
    do {
      try ledger.charges(filter) { span in
        if let seen, !(span.project.map(seen.contains) ?? false) { return }
        if tally.count <= mostLines { tally.add(span) }
      }
    } catch {
      throw Failure(.faulty, error.description)
    }
    guard tally.count <= mostLines else {
      throw Failure(
        .overloaded,
        "by: the report would have more than \(mostLines) rows: ask for fewer dimensions, one project, or less time"
      )
    }
    return tally.lines
  }
}

extension Month {
  /// The end of the year 9999, in seconds since the epoch.
  static let latest: Int64 = 253_402_300_799
}
