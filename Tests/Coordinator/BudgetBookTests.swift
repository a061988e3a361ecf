import Core
import Ledger
import Model
import Quota
import Testing
import Wire

@testable import Coordinator

/// What counts for whose budget.
@Suite struct BudgetBookTests {
  /// 2026-12-01T00:00:00Z.
  private static let december: Int64 = 1_796_083_200
  private let now = Timestamp(seconds: december + 86_400)
  private let alpha: ClusterName
  private let genomics: ProjectName
  private let biology: ProjectName

  init() throws {
    alpha = try ClusterName("alpha")
    genomics = try ProjectName("genomics")
    biology = try ProjectName("biology")
  }

  private func state(_ unit: BudgetPeriod.Unit = .month, carryover: Int = 0) throws -> State {
    var state = State(
      term: 1, projects: [], clusters: [alpha], drained: [], lastWrites: [:], driftPolicy: .restore)
    for (name, parent) in [("biology", nil), ("genomics", "biology"), ("imaging", "genomics")] {
      var project = try Service.project(name)
      project.parent = try parent.map { try ProjectName($0) }
      if name != "imaging" {
        project.budget = try Budget(
          tres: [.cpu: Amount(units: 100)], period: .every(unit), carryover: carryover)
      }
      // Long ago, so that a month before counts.
      _ = state.step(.setProject(project, acceptsUnenforced: true), at: Timestamp(seconds: 0))
    }
    return state
  }

  private func charge(
    _ job: Int, project: String? = "imaging", start: Int64 = december, hours: Int64 = 1
  ) -> ChargeRecord {
    ChargeRecord(
      cluster: "alpha", job: "\(job)", submittedAt: start, startedAt: start, endedAt: start + hours * 3600,
      seconds: hours * 3600, project: project, account: "imaging", user: "alice", partition: "main", qos: nil,
      state: "completed", tres: "cpu=2")
  }

  private func withLedger(_ body: (SQLiteLedger) throws -> Void) throws {
    let service = try Service()
    defer { service.remove() }
    service.end()
    let ledger = try SQLiteLedger(path: "\(service.folder)/other.sqlite")
    defer { ledger.close() }
    _ = try ledger.start(at: now)
    try body(ledger)
  }

  private func commit(_ charges: [ChargeRecord], to ledger: SQLiteLedger) throws -> [ChargeRecord] {
    var batch = LedgerBatch(at: now)
    batch.charges = charges
    return try ledger.commit(batch)
  }

  private func line(_ book: BudgetBook, _ name: ProjectName, _ state: State) throws -> BudgetTRES {
    try #require(book.status(of: name, in: state, at: now)?.tres.first)
  }

  @Test func aChargeCountsForItsProjectAndAllAboveAndOnce() throws {
    let state = try state()
    try withLedger { ledger in
      var book = BudgetBook()
      try book.count(in: state, from: ledger, at: now)
      let page = [charge(1), charge(2, project: "biology"), charge(3, project: nil)]
      book.take(try commit(page, to: ledger))
      book.take(try commit(page + [charge(4)], to: ledger))
      #expect(try line(book, genomics, state).charged == Amount(units: 4))
      #expect(try line(book, biology, state).charged == Amount(units: 6))
      #expect(book.status(of: try ProjectName("imaging"), in: state, at: now) == nil)
    }
  }

  private func view(holding cpus: Int64?) throws -> UsageView {
    let running = cpus.map {
      RunningTime(
        base: Timestamp(seconds: Self.december), started: [:], ending: [.cpu: Amount(units: $0 * 100)])
    }
    let row = AccountUsage(
      account: try AccountName("genomics"), exists: true, limits: [:],
      used: [.cpu: Amount(units: cpus ?? 0)], pending: [:], runningJobs: 1, pendingJobs: 0, running: running)
    return UsageView(
      serial: 1, cluster: alpha, bootTime: nil, age: 0, applied: nil, settled: true, capacity: [:], free: [:],
      voids: [], problems: [], accounts: [row])
  }

  /// After a restart nobody knew what ran, and a budget spent by that opened until its clusters were heard.
  @Test func whatWasSpentByWhatRunsIsSoAfterARestartUntilAllIsHeard() throws {
    var state = try state()
    try withLedger { ledger in
      var book = BudgetBook()
      try book.count(in: state, from: ledger, at: now)
      book.see(try view(holding: 1), in: state, at: now)
      let changes = book.judge(in: state, at: now)
      let spent = try #require(changes.first { $0.project == genomics }?.spent)
      #expect(spent.map(\.held) == [Amount(units: 100)])
      _ = state.step(.budget(genomics, spent: spent), at: now)

      var again = BudgetBook()
      try again.count(in: state, from: ledger, at: now)
      let before = again.judge(in: state, at: now)
      #expect(!before.contains { $0.project == genomics })
      again.see(try view(holding: nil), in: state, at: now)
      let after = again.judge(in: state, at: now)
      #expect(after.first { $0.project == genomics }?.spent == [])
    }
  }

  @Test func onlyWhatATreeWithABudgetIsAboutHasChargesCountedAnew() throws {
    var state = try state()
    try withLedger { ledger in
      var book = BudgetBook()
      try book.count(in: state, from: ledger, at: now)
      let other = try ProjectName("other")
      _ = state.step(.setProject(try Service.project("other"), acceptsUnenforced: true), at: now)
      let isOutdated = book.mustCount(after: [other], in: state)
      #expect(!isOutdated)
      _ = state.step(.deleteProject(other), at: now)
      let isStillOutdated = book.mustCount(after: [other], in: state)
      #expect(!isStillOutdated)
      let imaging = try ProjectName("imaging")
      _ = state.step(.setProject(try Service.project("imaging"), acceptsUnenforced: true), at: now)
      let mustCount = book.mustCount(after: [imaging], in: state)
      #expect(mustCount, "it isn't below the others any more")
    }
  }

  @Test(arguments: BudgetPeriod.Unit.allCases) func aRestartGivesTheSameNumbers(
    unit: BudgetPeriod.Unit
  ) throws {
    let state = try state(unit, carryover: 30)
    try withLedger { ledger in
      var book = BudgetBook()
      try book.count(in: state, from: ledger, at: now)
      for job in 0..<60 {
        let start = Self.december - Int64(job) * 40_007
        book.take(try commit([charge(job, start: start, hours: Int64(job % 30))], to: ledger))
      }
      var batch = LedgerBatch(at: now)
      batch.budgetEntries = [
        BudgetEntryRecord(
          at: now.seconds, project: "genomics", tres: "cpu", milliHours: 2500, isDebit: false, who: "root",
          reason: "x")
      ]
      try ledger.commit(batch)
      for entry in batch.budgetEntries { book.credit(entry) }
      var again = BudgetBook()
      try again.count(in: state, from: ledger, at: now)
      for name in [genomics, biology] {
        #expect(
          book.status(of: name, in: state, at: now) == again.status(of: name, in: state, at: now))
      }
      #expect(try line(again, genomics, state).credited == Amount(milli: 2500))
    }
  }

  @Test func anotherParentOrBudgetHasAllCountedAnew() throws {
    var state = try state()
    try withLedger { ledger in
      var book = BudgetBook()
      try book.count(in: state, from: ledger, at: now)
      book.take(try commit([charge(1)], to: ledger))
      let imaging = try ProjectName("imaging")
      let wasOutdated = book.mustCount(after: [imaging, genomics], in: state)
      #expect(!wasOutdated)
      var project = try #require(state.projects[imaging]?.project)
      project.parent = biology
      _ = state.step(.setProject(project, acceptsUnenforced: true), at: now)
      let isOutdated = book.mustCount(after: [imaging], in: state)
      #expect(isOutdated)
      try book.count(in: state, from: ledger, at: now)
      #expect(try line(book, genomics, state).charged == .zero)
      #expect(try line(book, biology, state).charged == Amount(units: 2))
    }
  }

  @Test func itIsToldOnceThatABudgetIsSpentAndOnceThatItIsNot() throws {
    var state = try state()
    try withLedger { ledger in
      var book = BudgetBook()
      try book.count(in: state, from: ledger, at: now)
      let first = book.judge(in: state, at: now)
      #expect(first.isEmpty)
      book.take(try commit([charge(1, hours: 20), charge(2, project: "biology", hours: 40)], to: ledger))
      let spent = book.judge(in: state, at: now)
      #expect(spent.map(\.project) == [biology])
      #expect(spent.first?.spent.first?.charged == Amount(units: 120))
      for change in spent { _ = state.step(.budget(change.project, spent: change.spent), at: now) }
      let again = book.judge(in: state, at: now)
      #expect(again.isEmpty)
      let january = Timestamp(seconds: Self.december + 31 * 86_400)
      let next = book.judge(in: state, at: january)
      #expect(next.map(\.spent) == [[]], "the next period has begun")
    }
  }

  @Test func whatIsSpentIsKeptInTheLedger() throws {
    var state = try state()
    let spent = SpentBudget(
      tres: .cpu, budget: .zero, charged: .zero, held: .zero, period: "2026", isCurrent: true, renews: nil)
    _ = state.step(.budget(genomics, spent: [spent]), at: now)
    let quota = try #require(state.projects[genomics])
    #expect(quota.spent == [spent])
    let kept = try JSON.decode(ProjectQuota.self, from: Array(Records.text(quota).utf8))
    #expect(kept.spent == [spent] && kept.budgetSince == quota.budgetSince && kept.project == quota.project)
  }

  // MARK: What runs

  private func view(_ jobs: [(start: Int64, end: Int64)]) throws -> UsageView {
    let base = jobs.map(\.start).min() ?? 0
    let sum = { (moments: [Int64]) -> TRESAmounts in
      [.cpu: moments.reduce(.zero) { $0 + Amount(milli: ($1 - base) * 1000 / 3600) }]
    }
    let running =
      jobs.isEmpty
      ? nil
      : RunningTime(
        base: Timestamp(seconds: base), started: sum(jobs.map(\.start)), ending: sum(jobs.map(\.end)))
    let row = AccountUsage(
      account: try AccountName("genomics"), exists: true, limits: [:],
      used: [.cpu: Amount(units: Int64(jobs.count))], pending: [:], runningJobs: jobs.count, pendingJobs: 0,
      running: running)
    return UsageView(
      serial: 1, cluster: alpha, bootTime: nil, age: 0, applied: nil, settled: true, capacity: [:], free: [:],
      voids: [], problems: [], accounts: [row])
  }

  @Test func whatEndedStaysHeldUntilItCanBeCharged() throws {
    let state = try state()
    try withLedger { ledger in
      var book = BudgetBook()
      try book.count(in: state, from: ledger, at: now)
      func held() throws -> Int64 { try line(book, genomics, state).held.units }
      let (one, two) = ((now.seconds, now.seconds + 10 * 3600), (now.seconds, now.seconds + 3600))
      book.see(try view([one, two]), in: state, at: now)
      #expect(try held() == 11)
      #expect(try line(book, biology, state).held == .zero, "its own account's row has what is below, too")
      func second(_ number: Int64) -> Timestamp { Timestamp(seconds: now.seconds + number) }
      func round(_ asked: Int64) {
        book.asked(alpha, at: second(asked))
        book.settled(alpha)
      }
      book.see(try view([two]), in: state, at: now)
      #expect(try held() == 11)
      round(0)
      round(14)
      #expect(try held() == 11, "accounting may not know of it yet")
      book.see(try view([]), in: state, at: second(15))
      #expect(try held() == 11)
      round(16)
      #expect(try held() == 1)
      round(30)
      #expect(try held() == 0)
    }
  }

  @Test func whileNoChargesCanBeToldNothingIsLetGo() throws {
    let state = try state()
    try withLedger { ledger in
      var book = BudgetBook()
      try book.count(in: state, from: ledger, at: now)
      for _ in 0..<10 {
        book.see(try view([(now.seconds, now.seconds + 3600)]), in: state, at: now)
        book.asked(alpha, at: now)
        book.see(try view([]), in: state, at: now)
        book.asked(alpha, at: now)
      }
      #expect(try line(book, genomics, state).held == Amount(units: 10))
      book.asked(alpha, at: Timestamp(seconds: now.seconds + 15))
      book.settled(alpha)
      #expect(try line(book, genomics, state).held == .zero)
    }
  }
}
