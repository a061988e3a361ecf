import Model
import Testing

@testable import Quota

/// When periods begin and end.
@Suite struct BudgetCalendarTests {
  private func second(_ text: String) throws -> Int64 {
    try Timestamp(parsing: text, now: Timestamp(seconds: 0)).seconds
  }

  @Test(arguments: [
    (BudgetPeriod.Unit.day, "2024-02-29T23:59:59", "2024-02-29", "2024-03-01", "2024-02-29"),
    (.week, "2026-11-29T12:00", "2026-11-23", "2026-11-30", "the week of 2026-11-23"),
    (.week, "2026-11-30", "2026-11-30", "2026-12-07", "the week of 2026-11-30"),
    (.week, "1970-01-01", "1969-12-29", "1970-01-05", "the week of 1969-12-29"),
    (.month, "2024-02-15", "2024-02-01", "2024-03-01", "2024-02"),
    (.month, "2025-12-31T23:59:59", "2025-12-01", "2026-01-01", "2025-12"),
    (.quarter, "2026-03-31T23:59:59", "2026-01-01", "2026-04-01", "2026 Q1"),
    (.quarter, "2026-11-30", "2026-10-01", "2027-01-01", "2026 Q4"),
    (.year, "2024-12-31", "2024-01-01", "2025-01-01", "2024"),
  ])
  func aPeriodHasItsBounds(
    unit: BudgetPeriod.Unit, moment: String, start: String, end: String, name: String
  ) throws {
    let span = try #require(BudgetPeriod.every(unit).span(at: try second(moment)))
    // Before 1970 no moment can be written, but a day can.
    #expect(try CivilDate(parsing: start).dayNumber * 86_400 == span.start)
    #expect(try second(end) == span.end)
    #expect(span.name == name)
    #expect(BudgetPeriod.every(unit).span(before: span)?.end == span.start)
    #expect(BudgetPeriod.every(unit).start(after: span.start) == span.end)
  }

  @Test func fromOneDayToAnotherBothCount() throws {
    let period = BudgetPeriod.span(
      from: try CivilDate(parsing: "2026-01-01"), to: try CivilDate(parsing: "2026-06-30"))
    let first = try second("2026-01-01")
    #expect(period.span(at: first - 1) == nil && period.start(after: first - 1) == first)
    #expect(try period.span(at: first)?.end == second("2026-07-01"))
    #expect(try period.span(at: second("2026-06-30T23:59:59"))?.name == "2026-01-01 to 2026-06-30")
    #expect(try period.span(at: second("2026-07-01")) == nil)
    #expect(try period.turn(after: first) == second("2026-07-01"))
    #expect(period.start(after: first) == nil)
  }
}

/// What a budget was charged, carries over and has left.
@Suite struct BudgetAccountTests {
  /// 2026-12-01T00:00:00Z.
  private let december: Int64 = 1_796_083_200
  private let hour: Int64 = 3600
  private let day: Int64 = 86_400
  private let h100: TRES

  init() throws { h100 = try TRES("gres/gpu:h100") }

  private func account(
    _ tres: TRESAmounts = [.cpu: Amount(units: 100)], _ unit: BudgetPeriod.Unit = .month, carryover: Int = 0,
    weights: TRESAmounts = [:], since: Int64 = 0
  ) throws -> BudgetAccount {
    BudgetAccount(
      budget: try Budget(tres: tres, period: .every(unit), carryover: carryover, weights: weights),
      since: since)
  }

  private func line(
    _ account: BudgetAccount, at now: Int64, _ tres: TRES = .cpu, held: BudgetTime = .zero
  ) throws -> BudgetLine {
    try #require(account.standing(at: now) { _, _ in held }.lines.first { $0.tres == tres })
  }

  private func time(_ start: Int64, _ end: Int64, seconds: Int64? = nil) -> ChargedTime {
    ChargedTime(startedAt: start, endedAt: end, seconds: seconds ?? end - start)
  }

  private func hours(_ units: Int64) -> BudgetTime { BudgetTime(hours: Amount(units: units)) }

  @Test func aChargeThatABorderCutsCountsOnEachSideByItsPart() throws {
    var account = try account(carryover: 100)
    account.charge([.cpu: Amount(units: 2)], time(december - 3 * hour, december + hour))
    #expect(try line(account, at: december - 1).charged == hours(6))
    #expect(try line(account, at: december).charged == hours(2))
    // Half of it was suspended: nobody knows when.
    account.charge([.cpu: Amount(units: 2)], time(december - hour, december + hour, seconds: hour))
    #expect(try line(account, at: december).charged == hours(3))
  }

  @Test func partsOfManyPeriodsAddUpToTheWhole() throws {
    var account = try account([.cpu: Amount(units: 1)], .day, carryover: 100)
    let length = 3 * day + 4567
    account.charge(
      [.cpu: Amount(units: 1)], time(december - day - 1234, december - day - 1234 + length, seconds: 12_345))
    let sum = try (-2...2).map { try line(account, at: december + $0 * day).charged }.reduce(.zero, +)
    let one = try Budget(tres: [.cpu: Amount(units: 1)], period: .every(.day)).weighted(
      [.cpu: Amount(units: 1)], as: .cpu)
    #expect(sum == BudgetTime(one, for: 12_345))
  }

  @Test func aTypedHourCountsByItsWeightWithinTheUntypedBudget() throws {
    var account = try account(
      [.gpu: Amount(units: 100), .cpu: Amount(units: 100)], weights: [h100: Amount(units: 2)])
    account.charge(
      [.gpu: Amount(units: 4), h100: Amount(units: 4), .cpu: Amount(units: 3)],
      time(december, december + hour))
    #expect(try line(account, at: december, .gpu).charged == hours(8))
    #expect(try line(account, at: december).charged == hours(3))
    account.charge([.gpu: Amount(units: 3), h100: Amount(units: 1)], time(december, december + hour))
    #expect(try line(account, at: december, .gpu).charged == hours(8 + 4), "two of another type")
  }

  @Test func whatIsLeftIsCarriedOverUpToThePercentage() throws {
    var account = try account(carryover: 10)
    #expect(try line(account, at: december).carried == hours(10), "all was left")
    account.charge([.cpu: Amount(units: 95)], time(december - 2 * hour, december - hour))
    #expect(try line(account, at: december).carried == hours(10), "10 had come from the month before")
    account.charge([.cpu: Amount(units: 8)], time(december - 2 * hour, december - hour))
    #expect(try line(account, at: december).carried == hours(7))
    account.charge([.cpu: Amount(units: 50)], time(december - 2 * hour, december - hour))
    let line = try line(account, at: december)
    #expect(line.carried == .zero && line.left == hours(100), "a debt is not carried over")
  }

  @Test func whatRunsOnFromThePeriodBeforeIsNotCarriedOver() throws {
    let account = try account(carryover: 50)
    let standing = account.standing(at: december) { _, span in span.start < december ? hours(80) : .zero }
    #expect(standing.lines.first?.carried == hours(50), "of 100 and the 50 of the month before that")
    let more = account.standing(at: december) { _, span in span.start < december ? hours(120) : .zero }
    #expect(more.lines.first?.carried == .zero)
  }

  @Test func nothingIsCarriedOverFromBeforeTheBudget() throws {
    let account = try account(carryover: 50, since: december + day)
    #expect(try line(account, at: december + 2 * day).carried == .zero)
    #expect(try line(account, at: december + 40 * day).carried == hours(50))
    #expect(account.firstSecond(at: december + 2 * day) == december)
  }

  @Test func aLateChargeOfAnEarlierPeriodTakesFromWhatWasCarriedOver() throws {
    var account = try account(carryover: 100, since: december - day)
    #expect(try line(account, at: december).carried == hours(100))
    account.trim(at: december)
    account.charge([.cpu: Amount(units: 30)], time(december - hour, december))
    let line = try line(account, at: december)
    #expect(line.charged == .zero && line.carried == hours(70) && line.left == hours(170))
  }

  @Test func creditAndDebitCountInTheirPeriod() throws {
    var account = try account()
    account.credit(Amount(units: 20), of: .cpu, isDebit: false, at: december)
    account.credit(Amount(units: 5), of: .cpu, isDebit: true, at: december)
    account.credit(Amount(units: 7), of: .gpu, isDebit: false, at: december)
    #expect(try line(account, at: december - 1).left == hours(100))
    #expect(try line(account, at: december).left == hours(115))
    account.credit(Amount(units: 200), of: .cpu, isDebit: true, at: december)
    let line = try line(account, at: december)
    #expect(line.left == .zero && line.isSpent, "no less than nothing is left")
  }

  @Test func whatRunsIsHeld() throws {
    var account = try account()
    account.charge([.cpu: Amount(units: 90)], time(december, december + hour))
    #expect(try !line(account, at: december + hour, held: hours(9)).isSpent)
    let spent = try line(account, at: december + hour, held: hours(10))
    #expect(spent.isSpent && spent.left == .zero && spent.charged == hours(90))
    let name = try ProjectName("gen")
    let words = account.standing(at: december + hour) { _, _ in hours(10) }.spent().map {
      $0.sentence(of: name)
    }
    #expect(
      words == [
        "project gen has spent its budget of 100 cpu-hours for 2026-12: 90 used, 10 held for what runs, 0 left; "
          + "it begins anew on 2027-01-01"
      ])
  }

  @Test func theForecastGoesOnAsThePeriodDidSoFar() throws {
    var account = try account([.cpu: Amount(units: 240)])
    #expect(try line(account, at: december + day).runsOut == nil, "nothing is used")
    account.charge([.cpu: Amount(units: 1)], time(december, december + day))
    #expect(try line(account, at: december + day).runsOut == december + 10 * day)
    #expect(try line(account, at: december + 4 * day).runsOut == nil, "a quarter as fast, it lasts")
    account.charge([.cpu: Amount(units: 10)], time(december, december + day))
    #expect(try line(account, at: december + 4 * day).runsOut == december + 4 * day, "it is spent")
  }

  @Test func outsideOfItsDaysThereIsNothing() throws {
    let budget = try Budget(
      tres: [.cpu: Amount(units: 1)],
      period: .span(from: try CivilDate(parsing: "2026-12-02"), to: try CivilDate(parsing: "2026-12-03")))
    var account = BudgetAccount(budget: budget, since: 0)
    account.charge([.cpu: Amount(units: 1)], time(december, december + 10 * day))
    #expect(try line(account, at: december + day).charged == hours(48))
    let name = try ProjectName("gen")
    let before = account.standing(at: december) { _, _ in .zero }.spent().map { $0.sentence(of: name) }
    #expect(
      before == [
        "project gen has no budget of cpu-hours now: it is for 2026-12-02 to 2026-12-03; it begins on 2026-12-02"
      ])
    let after = account.standing(at: december + 3 * day) { _, _ in .zero }.spent()
    #expect(after.first?.renews == nil && after.count == 1)
  }
}

/// What running jobs hold.
@Suite struct BudgetHoldTests {
  private func hold(_ jobs: [(cpu: Int64, start: Int64, end: Int64)]) -> BudgetHold {
    let base = jobs.map(\.start).min() ?? 0
    func sum(_ moment: ((cpu: Int64, start: Int64, end: Int64)) -> Int64) -> TRESAmounts {
      [.cpu: jobs.reduce(.zero) { $0 + Amount(milli: 1000 * $1.cpu * (moment($1) - base) / 3600) }]
    }
    return BudgetHold(
      base: base, used: [.cpu: jobs.reduce(.zero) { $0 + Amount(units: $1.cpu) }], started: sum(\.start),
      ending: sum(\.end))
  }

  private func hours(_ hold: BudgetHold, _ start: Int64, _ end: Int64) throws -> Amount {
    let budget = try Budget(tres: [.cpu: Amount(units: 1)], period: .every(.day))
    return hold.time(of: .cpu, in: BudgetSpan(start: start, end: end, name: ""), of: budget).hoursUp
  }

  @Test func withinOnePeriodItIsExact() throws {
    let hold = hold([(2, 0, 7200), (3, 3600, 7200)])
    #expect(try hours(hold, -86_400, 86_400) == Amount(units: 7))
  }

  @Test func aBorderCutsIt() throws {
    let hold = hold([(2, 0, 36_000)])
    #expect(try hours(hold, -3600, 7200) == Amount(units: 4))
    #expect(try hours(hold, 7200, 86_400) == Amount(units: 16))
    #expect(try hours(hold, 86_400, 172_800) == .zero)
    #expect(try hours(hold, -7200, -3600) == .zero)
  }

  /// Two jobs share a node, which is used once.
  @Test func ofNodesEachJobsIsHeld() throws {
    let budget = try Budget(tres: [.node: Amount(units: 1)], period: .every(.day))
    let hold = BudgetHold(
      base: 0, used: [.node: Amount(units: 1)], started: [.node: Amount(units: 10)],
      ending: [.node: Amount(units: 58)])
    let span = BudgetSpan(start: 0, end: 86_400, name: "")
    #expect(hold.time(of: .node, in: span, of: budget).hoursUp == Amount(units: 48))
  }

  /// By sums alone it can't be exact: the first job's end is counted as if it were the second's.
  @Test func acrossABorderItIsNeverTooLittle() throws {
    let jobs: [(cpu: Int64, start: Int64, end: Int64)] = [(1, 0, 3600), (1, 3600, 36_000)]
    for border in stride(from: Int64(0), through: 43_200, by: 3600) {
      let truly = jobs.reduce(Int64(0)) { $0 + $1.cpu * max(0, min($1.end, border) - $1.start) }
      #expect(try hours(hold(jobs), -86_400, border) >= Amount(units: truly / 3600), "up to \(border)")
    }
  }
}
