import Model
import Testing
import Wire

@testable import SlurmBackend

/// Numbers that a seed makes.
private struct Dice {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

  mutating func roll(_ range: ClosedRange<Int>) -> Int {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return range.lowerBound + Int(state % UInt64(range.count))
  }
}

/// A slurmctld and its slurmdbd: what the one does, the other learns in order, at once or after an outage.
private final class Accounting: ChargeSource {
  struct Row {
    var id: ChargeCursor.Open
    var start: Int64
    var end: Int64?
  }

  var now: Int64 = 1000
  var isUp = true
  /// What truly happened, and what accounting has of it.
  private(set) var rows: [Row] = []
  private var known: [Int: Row] = [:]
  private var queue: [Row] = []
  private var settled: Int64?
  /// Rows that have ended and will be written over.
  var revived: Set<Int> = []

  var running: [Int] { rows.indices.filter { rows[$0].end == nil } }

  func start(job: UInt32) {
    rows.append(
      Row(id: ChargeCursor.Open(index: UInt64(rows.count + 1), job: job), start: now, end: nil))
    queue.append(rows[rows.count - 1])
  }

  func end(_ index: Int, secondsAgo: Int64 = 0) {
    rows[index].end = max(rows[index].start, now - secondsAgo)
    queue.append(rows[index])
  }

  /// The same row starts again.
  func restart(_ index: Int) {
    rows[index].start = now
    rows[index].end = nil
    queue.append(rows[index])
  }

  func deliver() {
    guard isUp else { return }
    for row in queue { known[Int(row.id.index)] = row }
    queue = []
  }

  func settledUntil() -> Int64? {
    if queue.isEmpty { settled = now }
    return settled
  }

  func open() -> [StartedRun] {
    known.values.filter { $0.end == nil }.map { StartedRun(id: $0.id, start: $0.start) }
  }

  func ended(in seconds: ClosedRange<Int64>) -> [EndedRun] {
    known.values.filter { $0.end.map(seconds.contains) ?? false }.map(run)
  }

  func ended(of open: [ChargeCursor.Open]) -> [EndedRun] {
    known.values.filter { open.contains($0.id) && $0.end != nil }.map(run)
  }

  private func run(_ row: Row) -> EndedRun {
    let end = Timestamp(seconds: row.end ?? 0)
    return EndedRun(
      id: row.id, end: row.end ?? 0,
      charge: Charge(
        job: "\(row.id.index)", submitTime: end, startTime: end, endTime: end, seconds: 0, user: "",
        account: "",
        partition: "", qos: nil, state: "", allocated: [:]),
      isRevived: revived.contains(Int(row.id.index) - 1))
  }
}

/// Whoever asks page after page, and remembers nothing but the cursor's text.
private struct Asker {
  var cursor: String?
  var told: [String] = []
  var ends: [Int64] = []
  var pager = ChargePager()

  @discardableResult
  mutating func ask(_ accounting: Accounting, limit: Int = 100) throws -> Bool {
    let last = try cursor.map { try ChargeCursor(parsing: $0) }
    guard
      let page = try pager.page(after: last, from: 0, limit: limit, of: accounting, clock: { 0 })
    else { return false }
    cursor = page.cursor.text
    told += page.charges.map(\.job)
    ends += page.charges.map(\.endTime.seconds)
    return page.more
  }
}

@Suite struct ChargePagerTests {
  @Test func theCursorIsTextThatReadsBack() throws {
    for cursor in [
      ChargeCursor(reached: 0), ChargeCursor(reached: 1_764_100_000, after: .max),
      ChargeCursor(
        reached: 5, after: 7,
        open: [.init(index: 1, job: 900), .init(index: 77, job: 3), .init(index: .max, job: .max)]),
    ] { #expect(try ChargeCursor(parsing: cursor.text) == cursor) }
  }

  @Test(arguments: [
    "", "1", "2.5..", "1.-5..", "1.x..", "1.5.x.", "1.5..1", "1.5..1~!", "1.5..z~1,-1~1", "1.5..1~-1",
    "1.99999999999999..", "1.5..3w5e11264sgsf~1,1~1",
  ])
  func aCursorThatIsNoneIsRefused(text: String) {
    let failure = #expect(throws: Failure.self) { try ChargeCursor(parsing: text) }
    #expect(failure?.message == "cursor: is not one that an agent gave")
  }

  @Test func manyThatEndInOneSecondComeInPages() throws {
    let accounting = Accounting()
    for job in 1...10 { accounting.start(job: UInt32(job)) }
    accounting.now += 10
    for row in accounting.running { accounting.end(row) }
    accounting.deliver()
    accounting.now += 1
    var asker = Asker()
    for count in [3, 6, 9] {
      #expect(try asker.ask(accounting, limit: 3))
      #expect(asker.told.count == count)
    }
    #expect(try !asker.ask(accounting, limit: 3))
    #expect(asker.told == (1...10).map { "\($0)" })
  }

  @Test func whatSlurmdbdMissedIsWaitedFor() throws {
    let accounting = Accounting()
    var asker = Asker()
    accounting.deliver()
    try asker.ask(accounting)
    accounting.isUp = false
    accounting.now += 10
    accounting.start(job: 1)
    accounting.now += 10
    accounting.end(0)
    accounting.now += 500
    #expect(try !asker.ask(accounting))
    #expect(try ChargeCursor(parsing: asker.cursor ?? "").reached == 1000, "it must not pass the outage")
    accounting.isUp = true
    accounting.deliver()
    try asker.ask(accounting)
    #expect(asker.told == ["1"])
  }

  @Test func anEndBeforeTheCursorComesAllTheSame() throws {
    let accounting = Accounting()
    accounting.start(job: 1)
    accounting.deliver()
    accounting.now += 1000
    var asker = Asker()
    try asker.ask(accounting)
    // The node was last heard long ago.
    accounting.end(0, secondsAgo: 300)
    accounting.deliver()
    accounting.now += 1
    try asker.ask(accounting)
    #expect(asker.told == ["1"])
    accounting.now += 1000
    try asker.ask(accounting)
    #expect(asker.told == ["1"])
  }

  @Test func whatSlurmctldHasRevivedIsToldOnceAsItEndedAtLast() throws {
    let accounting = Accounting()
    accounting.start(job: 1)
    accounting.now += 10
    accounting.end(0)
    accounting.revived = [0]
    accounting.deliver()
    accounting.now += 20
    var asker = Asker()
    for _ in 0..<3 {
      #expect(try !asker.ask(accounting), "there is nothing more for now")
      accounting.now += 20
    }
    #expect(asker.told == [])
    accounting.restart(0)
    accounting.revived = []
    accounting.deliver()
    try asker.ask(accounting)
    accounting.now += 10
    accounting.end(0)
    accounting.deliver()
    for _ in 0..<3 {
      accounting.now += 20
      try asker.ask(accounting)
    }
    #expect(asker.told == ["1"])
    #expect(asker.ends == accounting.rows.compactMap(\.end))
  }

  @Test func aRevivedJobThatNeverStartsAgainIsToldAsItEnded() throws {
    let accounting = Accounting()
    accounting.start(job: 1)
    accounting.end(0)
    accounting.revived = [0]
    accounting.deliver()
    accounting.now += 20
    var asker = Asker()
    try asker.ask(accounting)
    accounting.revived = []
    for _ in 0..<3 {
      accounting.now += 20
      try asker.ask(accounting)
    }
    #expect(asker.told == ["1"])
  }

  @Test func whileItCanNotTellNothingIsGiven() throws {
    let accounting = Accounting()
    accounting.isUp = false
    accounting.start(job: 1)
    var asker = Asker()
    try asker.ask(accounting)
    #expect(asker.cursor == nil)
  }

  /// Jobs that start, end, are requeued, and end on lost nodes; slurmdbd away at times; an agent that starts anew; pages
  /// of all sizes.
  @Test(arguments: 1...200) func eachRecordComesOnceWhateverHappens(seed: UInt64) throws {
    var dice = Dice(seed: seed)
    let accounting = Accounting()
    var asker = Asker()
    for _ in 0..<300 {
      switch dice.roll(0...9) {
      case 0...2: accounting.start(job: UInt32(dice.roll(1...20)))
      case 3, 4:
        if let row = accounting.running.first { accounting.end(row) }
      case 5:
        if let row = accounting.running.last { accounting.end(row, secondsAgo: Int64(dice.roll(0...400))) }
      case 6: accounting.isUp.toggle()
      case 7: asker.pager = ChargePager()
      default: accounting.now += Int64(dice.roll(0...60))
      }
      if dice.roll(0...2) > 0 { accounting.deliver() }
      if dice.roll(0...2) > 0 { try asker.ask(accounting, limit: dice.roll(1...5)) }
    }
    for row in accounting.running { accounting.end(row) }
    accounting.isUp = true
    accounting.deliver()
    accounting.now += 1
    var rounds = 0
    while try asker.ask(accounting, limit: 5), rounds < 1000 { rounds += 1 }
    #expect(asker.told.count == accounting.rows.count)
    #expect(Set(asker.told).count == asker.told.count)
    #expect(asker.cursor == ChargeCursor(reached: accounting.now).text, "nothing is carried along for ever")
  }

  @Test func ofSlurmctldsJobsThoseCountThatMayWriteTheRecordOver() {
    let unended = UnendedJobs([
      job(3, .completed), job(4, .pending, submitted: 100), job(4, .vanished, submitted: 90),
      job(5, .completing), job(6, .suspended),
    ])
    func has(_ number: UInt32, _ submitted: Int64 = 100) -> Bool {
      unended.has(number, submitted: Timestamp(seconds: submitted))
    }
    #expect(has(4) && has(4, 90) && has(6))
    #expect(!has(3) && !has(5) && !has(4, 95) && !has(7))
    #expect(!UnendedJobs().has(4, submitted: Timestamp(seconds: 100)))
  }
}
