import Foundation
import Ledger
import Logging
import Model
import RPC
import Synchronization
import Testing
import Wire

@testable import Coordinator

/// An agent of alpha whose finished work is a list; its cursors are places in it.
final class Biller: RPCHandler {
  struct State {
    var charges: [Charge] = []
    /// As often as it is asked, it tells so many again.
    var overlap = 0
    var asked: [ChargesRequest] = []
    var fails = false
  }

  let state = Mutex(State())

  func handle(_ call: RPCCall) {
    guard let cluster = try? ClusterName("alpha") else { return }
    switch call.method {
    case "agent.hello":
      call.reply(
        AgentHello(
          cluster: cluster, kind: "slurm", agentVersion: "0", clusterVersion: nil, libraryVersion: "0",
          bootTime: nil, capabilities: ["charges"], voids: [], problems: [], lastWrite: nil))
    case "charges.list":
      guard let request = try? call.parameters.decode(ChargesRequest.self) else { return }
      state.withLock { answer(call, request, of: cluster, &$0) }
    default:
      call.reply(
        UsageView(
          serial: 1, cluster: cluster, bootTime: nil, age: nil, applied: nil, settled: true, capacity: [:],
          free: [:], voids: [], problems: [], accounts: []))
    }
  }

  private func answer(
    _ call: RPCCall, _ request: ChargesRequest, of cluster: ClusterName, _ state: inout State
  ) {
    state.asked.append(request)
    guard !state.fails else { return call.fail(Failure(.unavailable, "slurmdbd is away")) }
    let place = request.cursor.flatMap { Int($0) } ?? 0
    let end = min(state.charges.count, place + 2)
    call.reply(
      ChargesPage(
        cluster: cluster, charges: Array(state.charges[max(0, place - state.overlap)..<end]),
        cursor: "\(end)",
        more: end < state.charges.count))
  }

  func disconnected(_ client: RPCPeer) {}

  func serve(in folder: String) throws -> RPCServer {
    try RPCServer(
      path: "\(folder)/alpha.sock", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      handler: self)
  }
}

@Suite struct ChargeRoundTests {
  /// What had ended made each failed answer ask again at once, for as long as slurmdbd was away.
  @Test func aClusterThatFailsIsLeftAlone() throws {
    let alpha = try ClusterName("alpha")
    var rounds = ChargeRounds(cursors: [:])
    var now = Timestamp(seconds: 1000)
    rounds.linked(
      alpha,
      AgentHello(
        cluster: alpha, kind: "slurm", agentVersion: "0", clusterVersion: nil, libraryVersion: "0",
        bootTime: nil, capabilities: [AgentHello.charges], voids: [], problems: [], lastWrite: nil), at: now)
    for running in [1, 0] {
      rounds.see(
        UsageView(
          serial: 1, cluster: alpha, bootTime: nil, age: 0, applied: nil, settled: true, capacity: [:],
          free: [:], voids: [], problems: [],
          accounts: [
            AccountUsage(
              account: try AccountName("gen"), exists: true, limits: [:], used: [:], pending: [:],
              runningJobs: running, pendingJobs: 0)
          ]), at: now)
    }
    var asked = 0
    for _ in 0..<600 {
      now = now.advanced(bySeconds: 1)
      guard !rounds.due(at: now).isEmpty else { continue }
      asked += 1
      _ = rounds.failed(alpha, "slurmdbd is away", at: now)
    }
    #expect((9...12).contains(asked), "once a minute: \(asked)")
  }
}

@Suite struct ChargingTests {
  /// 2026-10-31T23:00:00Z.
  private static let start: Int64 = 1_793_487_600

  private static func charge(_ job: Int, account: String = "gen", above: [String] = []) -> Charge {
    Charge(
      job: "\(job)", submitTime: Timestamp(seconds: start - 9), startTime: Timestamp(seconds: start),
      endTime: Timestamp(seconds: start + 7200), seconds: 7200, user: "alice", account: account, above: above,
      partition: "main", qos: nil, state: "completed", allocated: [.cpu: Amount(units: 2)])
  }

  private func report(_ service: Service, _ request: UsageReportRequest) throws -> [UsageLine] {
    try service.call("usage.report", request, as: Page<UsageLine>.self).items
  }

  private func waitForHours(_ hours: Double, of service: Service) throws {
    let end = ContinuousClock.now + .seconds(20)
    while true {
      let sum = try report(service, UsageReportRequest(by: [])).map(\.hours).reduce(0, +)
      if sum == hours { return }
      try #require(ContinuousClock.now < end, "\(sum) hours instead of \(hours)")
      usleep(20_000)
    }
  }

  @Test func eachRecordIsChargedOnceToTheProjectOfItsAccount() throws {
    let service = try Service()
    defer { service.remove() }
    _ = try service.call(
      "project.set", ProjectSet(project: try Service.project("gen")), as: PlanStep.self)
    let agent = Biller()
    agent.state.withLock { state in
      state.charges = [
        Self.charge(1), Self.charge(2, account: "lab", above: ["gen"]), Self.charge(3, account: "other"),
        Self.charge(4), Self.charge(5),
      ]
      state.overlap = 2
    }
    let server = try agent.serve(in: service.folder)
    defer { server.stop() }
    defer { service.end() }
    try waitForHours(20, of: service)
    #expect(
      try report(service, UsageReportRequest()) == [
        UsageLine(tres: .cpu, hours: 4), UsageLine(project: "gen", tres: .cpu, hours: 16),
      ])
    #expect(
      try report(service, UsageReportRequest(by: [.month], project: ProjectName("gen"))) == [
        UsageLine(month: "2026-10", tres: .cpu, hours: 8), UsageLine(month: "2026-11", tres: .cpu, hours: 8),
      ])
    let page = try service.call(
      "usage.report", UsageReportRequest(by: [.project, .month], limit: 3), as: Page<UsageLine>.self)
    let rest = try service.call(
      "usage.report", UsageReportRequest(by: [.project, .month], limit: 3, cursor: page.nextCursor),
      as: Page<UsageLine>.self)
    #expect(page.items.count == 3 && rest.items.map(\.month) == ["2026-11"] && rest.nextCursor == nil)
    let first = try #require(agent.state.withLock { $0.asked.first })
    #expect(first.cursor == nil && first.since.map { $0.iso8601.hasSuffix("-01T00:00:00Z") } == true)
  }

  @Test func aRestartGoesOnWhereTheLedgerEnds() throws {
    let service = try Service()
    let agent = Biller()
    agent.state.withLock { $0.charges = [Self.charge(1), Self.charge(2), Self.charge(3)] }
    let server = try agent.serve(in: service.folder)
    defer { server.stop() }
    try waitForHours(12, of: service)
    service.end()
    agent.state.withLock { state in
      state.asked = []
      state.charges.append(Self.charge(4))
    }
    let again = try Service(keeping: service.folder)
    defer { again.remove() }
    defer { again.end() }
    try waitForHours(16, of: again)
    #expect(agent.state.withLock { $0.asked.first?.cursor } == "3")
  }

  @Test func anOlderLedgerAsksAgainFromItsOlderCursor() throws {
    let service = try Service()
    let agent = Biller()
    agent.state.withLock { $0.charges = [Self.charge(1), Self.charge(2)] }
    let server = try agent.serve(in: service.folder)
    defer { server.stop() }
    try waitForHours(8, of: service)
    let copy = "\(service.folder)/copy"
    _ = try service.call("admin.backup", BackupRequest(path: copy), as: BackupResult.self)
    service.end()
    agent.state.withLock { $0.charges += [Self.charge(3), Self.charge(4)] }
    let later = try Service(keeping: service.folder)
    try waitForHours(16, of: later)
    later.end()

    let ledger = "\(service.folder)/ledger.sqlite"
    for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: ledger + end) }
    try FileManager.default.moveItem(atPath: copy, toPath: ledger)
    agent.state.withLock { $0.asked = [] }
    let restored = try Service(keeping: service.folder, recovering: true)
    defer { restored.remove() }
    defer { restored.end() }
    try waitForHours(16, of: restored)
    #expect(agent.state.withLock { $0.asked.first?.cursor } == "2")
    #expect(try restored.call("admin.check", Empty(), as: LedgerReport.self).findings == [])
  }

  @Test func anAgentThatCanNotTellYetKeepsItsLink() throws {
    let service = try Service()
    defer { service.remove() }
    let agent = Biller()
    agent.state.withLock { $0.fails = true }
    let server = try agent.serve(in: service.folder)
    defer { server.stop() }
    defer { service.end() }
    let end = ContinuousClock.now + .seconds(20)
    while agent.state.withLock({ $0.asked.isEmpty }) {
      try #require(ContinuousClock.now < end)
      usleep(10_000)
    }
    usleep(300_000)
    let cluster = try service.call(
      "cluster.get", ClusterRequest(cluster: try ClusterName("alpha")), as: ClusterStatus.self)
    #expect(cluster.state == .stale, "linked, though nothing answers behind it")
    #expect(agent.state.withLock { $0.asked.count } == 1, "it is not asked again at once")
  }

  @Test func jobsThatEndAreAskedForSoonAndAllElseEveryMinute() throws {
    let alpha = try ClusterName("alpha")
    let hello = AgentHello(
      cluster: alpha, kind: "slurm", agentVersion: "0", clusterVersion: nil, libraryVersion: "0",
      bootTime: nil,
      capabilities: ["charges"], voids: [], problems: [], lastWrite: nil)
    func at(_ second: Int64) -> Timestamp { Timestamp(seconds: 1000 + second) }
    func view(running: Int) throws -> UsageView {
      UsageView(
        serial: 1, cluster: alpha, bootTime: nil, age: nil, applied: nil, settled: true, capacity: [:],
        free: [:], voids: [], problems: [],
        accounts: [
          AccountUsage(
            account: try AccountName("gen"), exists: true, limits: [:], used: [:], pending: [:],
            runningJobs: running, pendingJobs: 0)
        ])
    }
    let page = ChargesPage(cluster: alpha, charges: [], cursor: "1", more: false)
    var rounds = ChargeRounds(cursors: ["alpha": "0"])
    #expect(rounds.due(at: at(0)).isEmpty, "there is no link")
    rounds.linked(alpha, hello, at: at(0))
    #expect(rounds.due(at: at(0)).map(\.request.cursor) == ["0"])
    #expect(rounds.due(at: at(500)).isEmpty, "one call at a time")
    rounds.took(page, at: at(1))
    #expect(rounds.due(at: at(60)).isEmpty)
    #expect(rounds.due(at: at(61)).map(\.request.cursor) == ["1"])
    rounds.took(page, at: at(62))
    rounds.see(try view(running: 3), at: at(70))
    rounds.see(try view(running: 4), at: at(71))
    #expect(rounds.due(at: at(80)).isEmpty)
    rounds.see(try view(running: 2), at: at(81))
    #expect(rounds.due(at: at(95)).isEmpty)
    #expect(rounds.due(at: at(96)).count == 1)
    rounds.see(try view(running: 1), at: at(97))
    let isOver = rounds.took(page, at: at(98))
    #expect(!isOver, "the cursor is where it was: accounting is still to be told")
    #expect(rounds.due(at: at(111)).isEmpty)
    #expect(rounds.due(at: at(112)).count == 1, "what has ended since it was asked is asked for as soon")
    rounds.took(page, at: at(113))
    #expect(rounds.due(at: at(127)).isEmpty)
    #expect(rounds.due(at: at(128)).count == 1, "nor was it told then")
    rounds.unlinked(alpha)
    #expect(rounds.due(at: at(999)).isEmpty)
    var old = hello
    old.capabilities = []
    rounds.linked(alpha, old, at: at(1000))
    #expect(rounds.due(at: at(9999)).isEmpty, "an agent of an earlier release has no such method")
  }
}
