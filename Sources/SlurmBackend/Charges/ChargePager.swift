internal import Wire

/// Where finished work is read from: slurmdbd, beside slurmctld, which knows what it has not told slurmdbd yet.
protocol ChargeSource {
  /// The moment (seconds since the epoch) before which all that ended has reached accounting; nil when that can't be
  /// told now.
  func settledUntil() throws(SlurmFault) -> Int64?
  /// What has started and not ended in accounting.
  func open() throws(SlurmFault) -> [StartedRun]
  /// What ended within those seconds.
  func ended(in seconds: ClosedRange<Int64>) throws(SlurmFault) -> [EndedRun]
  /// What has ended of those.
  func ended(of open: [ChargeCursor.Open]) throws(SlurmFault) -> [EndedRun]
}

/// An allocation that has not ended.
struct StartedRun {
  var id: ChargeCursor.Open
  var start: Int64
}

/// One that has.
struct EndedRun {
  var id: ChargeCursor.Open
  var end: Int64
  /// Nil for a job that never started: it held nothing.
  var charge: Charge?
  /// slurmctld was killed before it had saved the end, and has the job as waiting or running again: accounting's
  /// record will be written over.
  var isRevived = false
}

/// Pages through what has ended, by the time of its end. It never passes a moment before which something may still end
/// in accounting, and carries along what was open there: so each record comes once, however late.
struct ChargePager {
  private static let longest = 5.0
  private static let widest: Int64 = 30 * 86_400
  /// Looked up by id at once: these ended with a time before the cursor, so they are few.
  private static let mostLate = 500

  /// Seconds that one reading spans: as wide as gives about a page.
  private var width: Int64 = 300

  struct Page {
    var charges: [Charge] = []
    var cursor: ChargeCursor
    var more = false
  }

  /// - Parameters:
  ///   - start: where to begin without a cursor; nil for now.
  ///   - clock: seconds that only rise.
  mutating func page(
    after last: ChargeCursor?, from start: Int64?, limit: Int, of source: some ChargeSource,
    clock: () -> Double
  ) throws(SlurmFault) -> Page? {
    guard let until = try source.settledUntil() else { return last.map { Page(cursor: $0) } }
    var cursor = last ?? ChargeCursor(reached: min(start ?? until, until))
    guard cursor.reached < until else { return Page(cursor: cursor) }
    // Before all else: what ends meanwhile is either found as ended, or carried along.
    let open = try source.open()
    let deadline = clock() + Self.longest
    var found: [EndedRun] = []
    while found.isEmpty, cursor.reached < until, clock() < deadline {
      found = try step(&cursor, until: until, limit: limit, of: source)
    }
    let told = Set(found.map(\.id))
    let stillOpen = Set(open.map(\.id))
    var waiting = cursor.open.filter { !told.contains($0) && !stillOpen.contains($0) }
    let isThrough = cursor.reached == until
    if isThrough { found += try late(&waiting, before: until, of: source) }
    let revived = found.filter(\.isRevived).map(\.id)
    found.removeAll(where: \.isRevived)
    let toldNow = Set(found.map(\.id))
    let started = open.filter { $0.start <= cursor.reached && !toldNow.contains($0.id) }.map(\.id)
    cursor.open = Set(started + waiting + revived).sorted()
    // What is run again comes first again, until it has ended: to ask at once would be to ask without end.
    return Page(
      charges: found.compactMap(\.charge), cursor: cursor,
      more: !isThrough || (!waiting.isEmpty && revived.isEmpty))
  }

  /// Reads the next seconds, and moves the cursor behind what it gives.
  private mutating func step(
    _ cursor: inout ChargeCursor, until: Int64, limit: Int, of source: some ChargeSource
  ) throws(SlurmFault) -> [EndedRun] {
    let end = min(cursor.reached + width, until)
    let (reached, after) = (cursor.reached, cursor.after)
    let ended = try source.ended(in: reached...(end - 1))
      .filter { $0.end > reached || $0.id.index > (after ?? 0) }
      .sorted { ($0.end, $0.id.index) < ($1.end, $1.id.index) }
    fit(to: ended.count, limit)
    let page = Array(ended.prefix(limit))
    if let last = page.last, page.count < ended.count {
      cursor.reached = last.end
      cursor.after = last.id.index
    } else {
      cursor.reached = end
      cursor.after = nil
    }
    return page
  }

  private mutating func fit(to count: Int, _ limit: Int) {
    if count > limit {
      width = max(1, width * Int64(limit) / Int64(count))
    } else if count <= limit / 2 {
      width = min(Self.widest, width * 2)
    }
  }

  /// Of what was open and is no longer, what ended with a time that the cursor had passed. What is left in `waiting`
  /// is to be looked up next time; what accounting no longer knows is let go.
  private func late(
    _ waiting: inout [ChargeCursor.Open], before until: Int64, of source: some ChargeSource
  ) throws(SlurmFault) -> [EndedRun] {
    guard !waiting.isEmpty else { return [] }
    let asked = Array(waiting.prefix(Self.mostLate))
    let ended = try source.ended(of: asked)
    waiting.removeFirst(asked.count)
    // The others end at or after the cursor, where they will be found.
    return ended.filter { $0.end < until }
  }
}
