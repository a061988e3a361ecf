import Ledger
import Model
import Testing
import Wire

@testable import Coordinator

@Suite struct UsageTallyTests {
  /// 2025-12-01T00:00:00Z and 2026-01-01T00:00:00Z.
  private let december: Int64 = 1_764_547_200
  private let january: Int64 = 1_767_225_600

  private func span(
    _ start: Int64, _ end: Int64, seconds: Int64? = nil, project: String? = "gen", user: String = "alice",
    tres: String = "cpu=2,mem=1G", cluster: String = "alpha"
  ) -> ChargeSpan {
    ChargeSpan(
      project: project, user: user, cluster: cluster, tres: tres, startedAt: start, endedAt: end,
      seconds: seconds ?? end - start)
  }

  /// Of each row of `tres`, what it is told apart by and its TRES-seconds.
  private func seconds(
    _ spans: [ChargeSpan], by: Set<UsageReportRequest.Dimension>, within window: Range<Int64>? = nil,
    only tres: TRES? = .cpu
  ) -> [String] {
    var tally = UsageTally(by: by, within: window ?? 0..<Month.latest, only: tres)
    for span in spans { tally.add(span) }
    return tally.lines.map { _, line in
      ([line.project, line.user, line.cluster, line.month].compactMap(\.self) + ["\(line.hours * 3600)"])
        .joined(separator: " ")
    }
  }

  @Test func aMonthEndsWithItsLastSecond() {
    #expect(Month(of: december - 1).text == "2025-11")
    #expect(Month(of: december).text == "2025-12")
    #expect(Month(of: december).start == december && Month(of: december).end == january)
    #expect(Month(of: january - 1).end == january)
  }

  @Test func workAcrossAMonthsBorderIsSplitToTheSecond() {
    #expect(
      seconds([span(december - 7, december + 13)], by: [.month]) == ["2025-11 14.0", "2025-12 26.0"])
    #expect(seconds([span(december - 7, december)], by: [.month]) == ["2025-11 14.0"])
    #expect(seconds([span(december, december + 1)], by: [.month]) == ["2025-12 2.0"])
    #expect(
      seconds([span(december - 1, january + 1)], by: [.month])
        == ["2025-11 2.0", "2025-12 \(2 * (january - december)).0", "2026-01 2.0"])
  }

  @Test func whatWasSuspendedIsSharedOutAndNothingIsLost() {
    // 10 of 20 seconds, 7 before the border and 13 after.
    #expect(
      seconds([span(december - 7, december + 13, seconds: 10)], by: [.month])
        == ["2025-11 6.0", "2025-12 14.0"])
    for seconds in 1...20 as ClosedRange<Int64> {
      let parts = self.seconds([span(december - 7, december + 13, seconds: seconds)], by: [.month])
        .compactMap { $0.split(separator: " ").last.flatMap { Double($0) } }
      #expect(parts.reduce(0, +) == Double(2 * seconds))
    }
  }

  @Test func onlyTheTimeThatIsAskedForCounts() {
    let spans = [span(100, 200), span(300, 400), span(150, 350)]
    #expect(seconds(spans, by: [], within: 180..<320) == ["360.0"], "20, 20 and 140 seconds of 2")
    #expect(seconds(spans, by: [], within: 400..<500) == [])
    #expect(seconds(spans, by: [], within: 0..<100) == [])
  }

  @Test func rowsAreToldApartByWhatIsAskedAlone() {
    let spans = [
      span(0, 10), span(20, 30, user: "bob"), span(0, 5, project: "chem"), span(0, 5, project: nil),
    ]
    #expect(seconds(spans, by: [.project]) == ["10.0", "chem 10.0", "gen 40.0"])
    #expect(
      seconds(spans, by: [.user, .project]) == [
        "alice 10.0", "chem alice 10.0", "gen alice 20.0", "gen bob 20.0",
      ])
    #expect(seconds(spans, by: []) == ["60.0"])
    #expect(seconds(spans, by: [], only: nil).count == 2, "each TRES has a row of its own")
  }

  @Test func onePersonHasOneRowWhateverClustersCallHim() throws {
    let (alice, asmith) = (try UserName("alice"), try UserName("asmith"))
    let people = People([try ClusterName("alpha"): [alice: asmith]])
    var tally = UsageTally(by: [.user], within: 0..<Month.latest, only: .cpu, people: people)
    tally.add(span(0, 10, user: "asmith"))
    tally.add(span(0, 20, user: "alice", cluster: "beta"))
    tally.add(span(0, 30, user: "bob"))
    // Somebody else, whose name there is hers elsewhere.
    tally.add(span(0, 40, user: "alice"))
    // The map is of alpha alone.
    tally.add(span(0, 50, user: "asmith", cluster: "beta"))
    #expect(
      tally.lines.map { "\($0.line.user ?? "") \($0.line.hours * 3600)" }
        == ["alice 60.0", "alice@alpha 80.0", "asmith 100.0", "bob 60.0"])
  }

  @Test func aYearOfAnExabyteDoesNotOverflow() {
    let line = seconds(
      Array(repeating: span(0, 31_536_000, tres: "mem=8P"), count: 128), by: [], only: .memory)
    #expect(line == ["\(0x1p60 * 31_536_000)"])
  }
}
