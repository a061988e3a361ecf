import Foundation
import Logging
import Model
import Quota
import RPC
import Synchronization
import Testing
import Threads
import Wire

@testable import Coordinator
@testable import Core
@testable import Ledger

/// What is wrong is said in words, and so is what to do.
@Suite struct ProblemTests {
  @Test func eachClusterWithoutAnAgentSaysWhyAndWhatToDo() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    let status = try service.call("status.get", Empty(), as: ServiceStatus.self)
    #expect(status.problems.map(\.subject) == ["cluster alpha", "cluster beta"])
    for problem in status.problems {
      #expect(problem.advice.contains("systemctl status sluice-slurm-agent"))
      #expect(problem.advice.contains("unix://\(service.folder)/"))
    }
    let clusters = try service.call("cluster.list", PageRequest(), as: Page<ClusterStatus>.self).items
    #expect(clusters.flatMap(\.problems).map(\.subject) == ["cluster alpha", "cluster beta"])
  }

  private func status(_ problems: [ClusterProblem], voids: [LimitVoid] = [], age: Double?) throws
    -> ClusterStatus
  {
    let name = try ClusterName("alpha")
    let view = UsageView(
      serial: 1, cluster: name, bootTime: nil, age: age, applied: nil, settled: true, capacity: TRESAmounts(),
      free: TRESAmounts(), voids: voids, problems: problems, accounts: [])
    var state = State(
      term: 1, projects: [], clusters: [name], drained: [], lastWrites: [:], driftPolicy: .restore)
    let now = Timestamp(seconds: 1)
    _ = state.step(.linked(name, lastWrite: nil), at: now)
    _ = state.step(.report(name, Report(view, untold: [])), at: now)
    var notes = ClusterNotes(address: "unix:///a")
    notes.linkFault = nil
    notes.view = view
    notes.viewedAt = now
    return ClusterStatus(name, try #require(state.clusters[name]), notes, at: now)
  }

  @Test(arguments: [
    (ClusterProblem.Kind.controller, "scontrol ping"), (.accounting, "systemctl status slurmdbd"),
    (.release, "built for slurmctld's release"),
  ])
  func whatAnAgentTellsHasAdviceForItsKind(kind: ClusterProblem.Kind, advice: String) throws {
    let age = kind == .controller ? nil : 0.5
    let status = try status([ClusterProblem(kind: kind, message: "it is so")], age: age)
    #expect(status.state == (kind == .controller ? .stale : .ready))
    #expect(status.problems.map(\.message) == ["it is so"])
    #expect(status.problems.first?.advice.contains(advice) == true)
  }

  @Test func aSilentControllerIsAProblemOfItsOwn() throws {
    #expect(try status([], age: 60).problems.map(\.message) == ["its controller does not answer its agent"])
    #expect(try status([], age: 1).problems == [])
  }

  @Test func aNewAgentThatWaitsForTheAccountingBlamesNoController() throws {
    let down = ClusterProblem(kind: .accounting, message: "can't connect to slurmdbd")
    #expect(try status([down], age: nil).problems.map(\.message) == [down.message])
    #expect(try status([down], age: 60).problems.count == 2)
  }

  @Test func whatVoidsOneAccountIsNotTheClustersTrouble() throws {
    let all = LimitVoid(kind: .notEnforced, reason: "no limit holds")
    let one = LimitVoid(kind: .qos, account: try AccountName("gen"), reason: "QOS big has its own GrpTRES")
    let status = try status([], voids: [all, one], age: 1)
    #expect(status.problems.map(\.message) == ["no limit holds"])
    #expect(status.voids == [all, one])
  }

  @Test func aTypeThatAnAgentDoesNotTellIsAGapOfTheProjectsThatCapIt() throws {
    let alpha = try ClusterName("alpha")
    var state = State(
      term: 1, projects: [], clusters: [alpha], drained: [], lastWrites: [:], driftPolicy: .restore)
    let now = Timestamp(seconds: 1)
    func project(_ name: String, _ limits: TRESAmounts, perUser: TRESAmounts = [:]) throws -> Project {
      Project(
        name: try ProjectName(name), limits: limits, perUser: perUser,
        clusters: [alpha: ClusterBinding(account: try AccountName(name))])
    }
    let one = Amount(units: 1)
    let projects = [
      try project("a", [.cpu: one]), try project("b", [JobType.training.tres: one]),
      try project("c", [JobType.inference.tres: one]),
      try project("d", [.cpu: one], perUser: [JobType.inference.tres: one]),
    ]
    let view = UsageView(
      serial: 1, cluster: alpha, bootTime: nil, age: 0, applied: nil, settled: true, capacity: [:], free: [:],
      voids: [],
      problems: [], accounts: [])
    _ = state.step(.linked(alpha, lastWrite: nil), at: now)
    _ = state.step(.report(alpha, Report(view, untold: LimitGap.untold(besides: [.training]))), at: now)
    #expect(projects.map { state.gaps(of: $0).count } == [0, 0, 1, 1])
    let gap = try #require(state.gaps(of: projects[2]).first)
    #expect(gap.reason == "alpha: its agent has no rule that says which jobs are inference")
    let standing = Standing(findings: [.init(state: .unenforced, reason: gap.reason, gap: gap)])
    let problems = Problem.all(of: projects[2].name, standing, drift: .restore, isSlow: false)
    #expect(
      problems.map { $0.advice.contains("'job_types' in agent.yaml") } == [true], "no other project's trouble"
    )
  }

  @Test func eachFindingOfAProjectHasItsAdvice() throws {
    let name = try ProjectName("gen")
    let own = LimitGap(account: try AccountName("gen"), tres: nil, reason: "a: QOS big", cure: "clear it")
    let everyones = LimitGap(account: nil, tres: nil, reason: "a: no limit holds", cure: "add 'limits'")
    let standing = Standing(findings: [
      .init(state: .unenforced, reason: own.reason, gap: own),
      .init(state: .unenforced, reason: everyones.reason, gap: everyones),
      .init(state: .over, reason: "cpu: more in use"), .init(state: .drift, reason: "a: someone else set 9"),
      .init(state: .moving, reason: "a: a limit is on its way"),
    ])
    func advice(_ drift: DriftPolicy, isSlow: Bool) -> [String] {
      Problem.all(of: name, standing, drift: drift, isSlow: isSlow).map(\.advice)
    }
    let slow = advice(.report, isSlow: true)
    #expect(slow.count == 4, "what lets every account pass is told of the cluster")
    #expect(slow[0] == "clear it")
    #expect(slow[1].contains("'sluice quota show gen'") && slow[1].contains("raise the cap"))
    #expect(slow[2].contains("set it back with sacctmgr"))
    #expect(slow[3].contains("that agent's log"))
    let quick = advice(.restore, isSlow: false)
    #expect(quick.count == 3, "what moves for a moment is no problem")
    #expect(quick[2].contains("put back by itself"))
  }

  @Test func manyProblemsAreCutAndSaySo() {
    let problems = (0..<250).map { Problem(subject: "project p\($0)", message: "m", advice: "a") }
    #expect(Problem.first(of: Array(problems.prefix(100))).count == 100)
    let cut = Problem.first(of: problems)
    #expect(cut.count == 101)
    #expect(cut.last?.message == "150 more problems of projects")
  }

  @Test func aBookTellsWhatChangedAndSinceWhen() throws {
    var book = StandingBook()
    let name = try ProjectName("gen")
    #expect(book.note(.ok, of: name, at: Timestamp(seconds: 1)) == nil)
    #expect(
      book.note(.moving, of: name, at: Timestamp(seconds: 2)) == StandingBook.Change(from: .ok, to: .moving))
    #expect(book.note(.moving, of: name, at: Timestamp(seconds: 9)) == nil)
    #expect(book.movingSince(name) == Timestamp(seconds: 2))
    #expect(
      book.note(.over, of: name, at: Timestamp(seconds: 10)) == StandingBook.Change(from: .moving, to: .over))
    #expect(book.movingSince(name) == nil)
    #expect(book.note(.ok, of: name, at: Timestamp(seconds: 11)) == StandingBook.Change(from: .over, to: .ok))
  }
}

/// A disk that takes nothing any more, without failing.
private final class StuckLedger: Ledger {
  let isStuck = Atomic<Bool>(false)
  let bytesLeft: Int64? = 100 << 20

  func start(at now: Timestamp) -> LedgerContents {
    LedgerContents(
      term: 1, records: [], openEffects: [], lastWrites: [:], chargeCursors: [:], isRecovering: false)
  }
  @discardableResult
  func commit(_ batch: LedgerBatch) -> [ChargeRecord] {
    while isStuck.load(ordering: .acquiring) { usleep(10_000) }
    return []
  }
  func budgetEntries(since: Int64) -> [BudgetEntryRecord] { [] }
  func audit(_ filter: AuditFilter, before: Int64?, limit: Int) -> [AuditRecord] { [] }
  func charges(_ filter: ChargeFilter, _ visit: (ChargeSpan) -> Void) {}
  func backup(to path: String) -> Int64 { 0 }
  func inspect(_ visit: (LedgerEntry) -> Void) -> [String] { [] }
  func close() {}
}

@Suite struct HeartbeatTests {
  @Test func aWriterThatHangsBeatsNoMoreWhileTheSocketGoesOn() throws {
    let folder = "/tmp/sluice-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let ledger = StuckLedger()
    let agent = try AgentAddress(cluster: ClusterName("alpha"), address: "unix://\(folder)/alpha.sock")
    let coordinator = try Coordinator(
      settings: CoordinatorSettings(
        socket: "\(folder)/s.sock", agents: [agent], administrators: [], drift: .restore),
      ledger: ledger, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    let client = try RPCClient.connect(path: "\(folder)/s.sock", timeout: 5)
    let status = try client.call("status.get", Empty(), as: ServiceStatus.self, timeout: 10)
    #expect(status.problems.first?.message == "its disk has 100 MiB left")
    ledger.isStuck.store(true, ordering: .releasing)
    #expect(throws: Failure.self) {
      _ = try client.call(
        "project.set", ProjectSet(project: try Service.project("p")), as: PlanStep.self, timeout: 4)
    }
    let ages = coordinator.heartbeats.map(\.age)
    #expect(coordinator.heartbeats.map(\.name) == ["the writer", "the socket"])
    #expect(ages[0] > 3, "\(ages)")
    #expect(ages[1] < ages[0], "\(ages)")
    ledger.isStuck.store(false, ordering: .releasing)
    coordinator.stop()
    _ = coordinator.waitForEnd()
  }
}
