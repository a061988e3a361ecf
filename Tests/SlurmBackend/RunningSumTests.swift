import Model
import Testing
import Wire

@testable import SlurmBackend

/// What running jobs have cost, and may cost yet.
struct RunningSumTests {
  private let parents = ["lab": "science"]

  private func time(_ jobs: [SlurmJob], _ account: String = "science") throws -> RunningTime? {
    let tally = AccountTally(
      jobs, parents: parents, of: try ["lab", "science"].map { try AccountName($0) })
    return tally.sums[account]?.running.time
  }

  @Test func whatRunsIsSuspendedConfiguredOrVanishedCountsFromTheEarliestStart() throws {
    let jobs = [
      job(1, .running, account: "science", started: 10_000, ending: 17_200),
      job(2, .suspended, started: 13_600, ending: 20_800),
      job(3, .configuring, started: 17_200, limit: 3600),
      job(4, .vanished, started: 13_600, ending: 17_200),
      job(5, .completing, started: 9000, ending: 9999), job(6, .completed, started: 9000, ending: 9999),
      job(7, .pending, started: 9000, ending: 9999),
    ]
    let all = try #require(try time(jobs))
    #expect(all.base == Timestamp(seconds: 10_000))
    #expect(
      all.started == [.cpu: Amount(units: 8), .node: Amount(units: 4)], "2 CPUs by 0, 1, 2 and 1 hours")
    #expect(
      all.ending == [.cpu: Amount(units: 20), .node: Amount(units: 10)], "2 CPUs by 2, 3, 3 and 2 hours")
    let below = try #require(try time(jobs, "lab"))
    #expect(below.base == Timestamp(seconds: 13_600))
    #expect(below.started == [.cpu: Amount(units: 2), .node: Amount(units: 1)])
    #expect(below.ending == [.cpu: Amount(units: 10), .node: Amount(units: 5)])
  }

  @Test func nothingThatRunsIsNoTime() throws {
    #expect(try time([job(1, .pending), job(2, .completing)]) == nil)
    #expect(RunningSum().time == nil)
  }

  @Test func aJobWithoutATimeLimitEndsAYearAfterItsStart() throws {
    let time = try #require(try time([job(1, .running, started: 5000)]))
    #expect(time.started == [.cpu: .zero, .node: .zero])
    #expect(time.ending[.node] == Amount(units: 365 * 24))
  }

  @Test func partsOfAThousandthAreRoundedAwayFromWhatIsLeft() throws {
    let time = try #require(
      try time([job(1, .running, started: 5000, limit: 1), job(2, .running, started: 5001, limit: 1)]))
    #expect(time.started[.cpu] == .zero, "2 CPUs by 1 s are 0.00056 CPU-hours")
    #expect(time.ending[.cpu] == Amount(milli: 2), "2 CPUs by 1 and 2 s are 0.00167")
  }

  @Test func anotherOrderOfJobsGivesTheSame() throws {
    let jobs = (0..<50).map { (number: Int64) -> SlurmJob in
      job(UInt32(number), .running, started: 10_000 + number * 37 % 50, limit: 61 + number % 7)
    }
    #expect(try time(jobs) == time(jobs.reversed()))
  }

  @Test func amountsBeyondAllBoundsSaturate() throws {
    var sum = RunningSum()
    let native = job(1, .running, started: 0, limit: .max).native
    for _ in 0..<1000 { sum.add(native, [.memory: .unbounded]) }
    let time = try #require(sum.time)
    #expect(time.ending[.memory] == .unbounded)
    #expect(time.started[.memory] == .zero)
  }
}
