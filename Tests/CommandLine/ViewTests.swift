import Model
import Testing
import Wire

@testable import CommandLine

@Suite struct ViewTests {
  @Test func quotaListShowsBarsAndReasons() throws {
    let statuses = [
      try Samples.quota(), try Samples.quota("chem", .over, reasons: ["alpha has 9", "beta too"], used: 9),
    ]
    #expect(
      QuotaView.list(statuses, Style()).joined(separator: "\n") == """
        PROJECT   STATE  TRES  CAP  USED  LEFT  PENDING  IN FORCE  USE
        genomics  ok     cpu     8     4     4        2         8  ##########==========
        chem      over   cpu     8     9     0        2         8  ###################!

        chem over: alpha has 9; beta too
        """)
  }

  @Test func wideQuotaListHasAColumnForEachCluster() throws {
    #expect(
      QuotaView.list(
        [try Samples.quota("chem", .drift, reasons: ["why"])], Style(form: .parsable(wide: true)))
        == [
          "PROJECT|STATE|TRES|CAP|USED|LEFT|PENDING|IN FORCE|BORROWED|LENT|ALPHA|BETA|REASONS",
          "chem|drift|cpu|8|4|4|2|8|0|0|4/6|0/2|why",
        ])
  }

  @Test func narrowTerminalsLoseTheBarFirst() throws {
    let lines = QuotaView.list([try Samples.quota()], Style(width: 68))
    #expect(lines[1] == "genomics  ok     cpu     8     4     4        2         8  #####====")
    #expect(QuotaView.list([try Samples.quota()], Style(width: 60))[1].hasSuffix("2         8"))
  }

  @Test func quotaShowHasEachCluster() throws {
    #expect(
      QuotaView.show(try Samples.quota("genomics", .moving, reasons: ["waits for beta"]), Style())
        .joined(separator: "\n") == """
          PROJECT   STATE   TRES  CAP  USED  LEFT  PENDING  IN FORCE  USE
          genomics  moving  cpu     8     4     4        2         8  ##########==========

          CLUSTER  ACCOUNT   TRES  ALLOTMENT  IN FORCE  USED  PENDING  NATIVE  CONFIRMED  REACHABLE  USE
          alpha    genomics  cpu           6         6     4        2       6  yes        yes        #############=======
          beta     gen       cpu           2         2     0        0       -  no         no         ====================

          # used  = in force  . free  ! over the cap

          Account 'gen' does not exist on cluster 'beta' yet.
          genomics moving: waits for beta
          """)
  }

  private func budget() throws -> BudgetStatus {
    BudgetStatus(
      project: try ProjectName("genomics"), period: "2026 Q4", since: Timestamp(seconds: 1_790_812_800),
      until: Timestamp(seconds: 1_798_761_600), whenSpent: .hold, carryover: 10,
      tres: [
        BudgetTRES(
          tres: .cpu, budget: Amount(units: 100), carried: Amount(units: 10), credited: Amount(units: 5),
          debited: Amount(units: 15), charged: Amount(milli: 25_500), held: Amount(units: 50),
          left: Amount(milli: 24_500), runsOut: Timestamp(seconds: 1_796_083_200)),
        BudgetTRES(
          tres: .memory, budget: Amount(units: 1 << 40), charged: Amount(units: 1 << 40), left: .zero,
          isSpent: true),
        BudgetTRES(tres: .gpu, budget: Amount(units: 8), left: Amount(units: 8)),
      ])
  }

  @Test func budgetsShowWhatIsLeftAndForHowLong() throws {
    #expect(
      BudgetView.list([try budget()], Style()).joined(separator: "\n") == """
        PROJECT   PERIOD   TRES      BUDGET  CARRIED  CREDITED  DEBITED  CHARGED  HELD  LEFT  FORECAST    USE
        genomics  2026 Q4  cpu          100       10         5       15     25.5    50  24.5  2026-12-01  #####==========.....
        genomics  2026 Q4  mem           1T        0         0        0       1T     0     0  spent       ####################
        genomics  2026 Q4  gres/gpu       8        0         0        0        0     0     8  lasts       ....................
        """)
    #expect(
      BudgetView.list([try budget()], Style(form: .parsable(wide: true)))[1]
        == "genomics|2026 Q4|cpu|100|10|5|15|25.5|50|24.5|2026-12-01|hold|10%|2027-01-01T00:00:00Z")
  }

  @Test func quotaShowHasTheBudgetToo() throws {
    var status = try Samples.quota()
    status.budget = try budget()
    let table = BudgetView.list([try budget()], Style()).joined(separator: "\n")
    #expect(QuotaView.show(status, Style()).joined(separator: "\n").contains(table))
  }

  @Test func planIsADifference() throws {
    let steps = [
      PlanStep(
        project: try ProjectName("a"), action: .create,
        changes: [FieldChange(field: "limits.cpu", from: nil, to: "8")], refusals: [], warnings: []),
      PlanStep(
        project: try ProjectName("b"), action: .change,
        changes: [
          FieldChange(field: "limits.mem", from: "8G", to: "16G"),
          FieldChange(field: "members.bob", from: "user", to: nil),
        ], refusals: ["beta is too small"], warnings: ["mind the gap"]),
      PlanStep(project: try ProjectName("c"), action: .keep, changes: [], refusals: [], warnings: []),
    ]
    #expect(
      PlanView.lines(Plan(steps: steps), isDone: true, Style()).joined(separator: "\n") == """
        + a
            + limits.cpu: 8
        ~ b
            ~ limits.mem: 8G -> 16G
            - members.bob: user
            refused: beta is too small
            warning: mind the gap
        Refused, nothing was changed: 1 to create, 1 to change, 1 unchanged; 1 refused.
        """)
    #expect(
      PlanView.lines(Plan(steps: [steps[0], steps[2]]), isDone: true, Style()).last
        == "Done: 1 created, 0 changed, 1 unchanged.")
    #expect(
      PlanView.lines(Plan(steps: [steps[0]]), isDone: false, Style()).last
        == "Plan: 1 to create, 0 to change, 0 unchanged.")
  }

  @Test func projectsAreWrittenAsSetTakesThem() throws {
    #expect(
      Table.lines([try Samples.project()], ProjectView.columns, Style(form: .parsable(wide: false)))
        == [
          "PROJECT|PARENT|LIMITS|CLUSTERS|MEMBERS", "genomics||cpu=8,mem=16G|alpha,beta=gen:bio|alice=admin",
        ])
  }

  @Test func statusEndsWithProblemsAndAdvice() throws {
    var counts = ProjectCounts()
    counts.total = 3
    counts.ok = 2
    counts.over = 1
    let status = ServiceStatus(
      version: "1.0", term: 4, startedAt: Timestamp(seconds: 1000),
      clusters: [
        ClusterStatus(
          cluster: try ClusterName("beta"), address: "unix:///b", state: .unreachable, isDrained: true)
      ], projects: counts,
      problems: [Problem(subject: "beta", message: "no answer", advice: "start its agent")],
      caller: "alice", role: "anyone")
    #expect(
      StatusView.lines(status, now: Timestamp(seconds: 4660), Style()).joined(separator: "\n") == """
        SLUICED   1.0
        COMMAND   \(sluiceVersion)
        UP        1h1m
        TERM      4
        YOU ARE   alice (anyone)
        PROJECTS  3: 2 ok, 1 over

        CLUSTER  STATE                  AGE  BOOTED  VERSION  CAPACITY  FREE  ISSUES
        beta     unreachable,drained  never  -                                     0

        PROBLEMS
        beta: no answer
          start its agent
        """)
  }

  @Test func aWatchRedrawsInPlaceAndFitsTheTerminal() throws {
    var board = WatchBoard([try Samples.quota(), try Samples.quota("chem", .over, reasons: ["x"])])
    let now = Timestamp(seconds: 1_764_016_200)
    let first = board.screen(at: now, rows: 4, Style(width: 40))
    #expect(first.hasPrefix("2025-11-24T20:30:00Z  2 projects  (ctrl-"))
    #expect(first.split(separator: "\n").count == 4)
    #expect(first.contains("... and 4 more lines; a taller terminal "))
    #expect(board.screen(at: now, rows: 4, Style(width: 40)).hasPrefix("\u{1b}[3A\r"))
  }

  @Test func aWatchTellsEachChangeOnce() throws {
    var board = WatchBoard([try Samples.quota()])
    let now = Timestamp(seconds: 1_764_016_200)
    let line = "2025-11-24T20:30:00Z genomics ok cpu=4/8 in_force=8 pending=2"
    #expect(board.takeLines(at: now) == [line])
    board.take(QuotaChanged(quotas: [try Samples.quota()], gone: []))
    #expect(board.takeLines(at: now) == [])
    board.take(QuotaChanged(quotas: [try Samples.quota(used: 5)], gone: []))
    board.take(QuotaChanged(quotas: [], gone: [try ProjectName("genomics"), try ProjectName("never")]))
    #expect(board.takeLines(at: now) == ["2025-11-24T20:30:00Z genomics deleted"])
  }
}
