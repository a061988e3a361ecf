import Model
import Testing

@Suite struct TimeTests {
  /// 2026-11-24T20:23:20Z.
  private let now = Timestamp(seconds: 1_795_551_800)

  @Test(arguments: [
    ("2026-11-24", "2026-11-24T00:00:00Z"), ("2026-11-24T14:05", "2026-11-24T14:05:00Z"),
    ("2026-11-24 14:05:09Z", "2026-11-24T14:05:09Z"), ("14:05", "2026-11-24T14:05:00Z"),
    ("20:23:20", "2026-11-24T20:23:20Z"), ("20:24", "2026-11-23T20:24:00Z"), ("now", "2026-11-24T20:23:20Z"),
    ("now-90s", "2026-11-24T20:21:50Z"), ("now-2h", "2026-11-24T18:23:20Z"),
    ("now-1w", "2026-11-17T20:23:20Z"),
    ("2024-02-29", "2024-02-29T00:00:00Z"), ("1970-01-01", "1970-01-01T00:00:00Z"),
    ("2000-12-31T23:59:59", "2000-12-31T23:59:59Z"),
  ])
  func readsWhatPeopleWrite(text: String, moment: String) throws {
    #expect(try Timestamp(parsing: text, now: now).iso8601 == moment)
  }

  @Test(arguments: [
    "", "yesterday", "now+1h", "now-", "now-h", "now-1y", "now-9999999d", "24:00", "12:60", "12", "1:2:3:4",
    "2026-11", "26-11-24", "2026-11-24T", "2026-11-24T5", "2026/11/24", "-1", "\u{661}2:00",
  ])
  func refusesOthers(text: String) {
    #expect(throws: TimeError.unknown(text)) { try Timestamp(parsing: text, now: now) }
  }

  @Test(arguments: ["2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-01-00", "2100-02-29"])
  func refusesDaysThatAreNone(text: String) {
    #expect(throws: TimeError.noSuchDay(text)) { try Timestamp(parsing: text, now: now) }
  }

  @Test func everyDayOfFourCenturiesComesBack() {
    var expected = CivilDate(day: -150_000).dayNumber
    for number in Int64(-150_000)...150_000 {
      #expect(CivilDate(day: number).dayNumber == expected)
      expected += 1
    }
  }
}
