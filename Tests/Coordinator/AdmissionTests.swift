import Logging
import Model
import Quota
import RPC
import Synchronization
import Testing
import Threads
import Transport
import Wire

@testable import Coordinator
@testable import Core

/// What agents are told to hold jobs to at submission.
@Suite struct AdmissionTests {
  private let now = Timestamp(seconds: 1)

  private func state(projects: [Project] = []) throws -> State {
    var state = State(
      term: 5, projects: [], clusters: [try ClusterName("alpha"), try ClusterName("beta")], drained: [],
      lastWrites: [:], driftPolicy: .restore)
    for project in projects { _ = state.step(.setProject(project, acceptsUnenforced: false), at: now) }
    return state
  }

  private func hello(
    rules: WriteNumber? = nil, capabilities: [String] = [AgentHello.admission]
  ) throws -> AgentHello {
    AgentHello(
      cluster: try ClusterName("alpha"), kind: "slurm", agentVersion: "0", clusterVersion: nil,
      libraryVersion: "0", bootTime: nil, capabilities: capabilities, voids: [], problems: [], lastWrite: nil,
      rules: rules)
  }

  private func rule(_ name: String, cpu: Int64 = 8, account: String? = nil) throws -> AccountRule {
    AccountRule(
      account: try AccountName(account ?? name),
      holders: [CapHolder(project: try ProjectName(name), caps: [.cpu: Amount(units: cpu)])])
  }

  /// The messages for alpha after `input`.
  private func told(
    _ book: inout AdmissionBook, _ input: Input, _ project: String, _ state: inout State
  ) throws -> [AdmissionRules] {
    let step = state.step(input, at: now)
    #expect(step.events.compactMap(\.grantee).map(\.text) == [project])
    let changes = book.changes(of: step.events.compactMap(\.grantee), in: state)
    #expect(changes.map(\.cluster.text) == ["alpha"], "beta's agent has not linked")
    return changes[0].messages
  }

  @Test func anAgentThatLinksIsToldAll() throws {
    let state = try state(projects: [try Service.project("genomics"), try Service.project("biology", cpu: 4)])
    var book = AdmissionBook()
    let messages = book.begin(try ClusterName("alpha"), try hello(), in: state)
    let first = WriteNumber(term: 5, sequence: 1)
    #expect(
      messages == [
        AdmissionRules(
          number: first, accounts: [try rule("biology", cpu: 4), try rule("genomics")], since: first)
      ])
  }

  @Test func anAgentThatAnswersNoHookIsToldNothing() throws {
    let state = try state(projects: [try Service.project("genomics")])
    var book = AdmissionBook()
    #expect(book.begin(try ClusterName("alpha"), try hello(capabilities: []), in: state) == [])
    #expect(book.changes(of: [try ProjectName("genomics")], in: state).isEmpty)
  }

  @Test func withoutProjectsWhatTheAgentHadIsForgotten() throws {
    var book = AdmissionBook()
    let number = WriteNumber(term: 5, sequence: 1)
    #expect(
      book.begin(try ClusterName("alpha"), try hello(), in: try state())
        == [AdmissionRules(number: number, accounts: [], since: number)])
  }

  @Test func numbersGoOnFromWhatTheAgentHasSeen() throws {
    let state = try state()
    var book = AdmissionBook()
    let cluster = try ClusterName("alpha")
    let older = try hello(rules: WriteNumber(term: 2, sequence: 9))
    #expect(book.begin(cluster, older, in: state).first?.number == WriteNumber(term: 5, sequence: 1))
    // What was told over the link before may still be on its way.
    #expect(book.begin(cluster, older, in: state).first?.number == WriteNumber(term: 5, sequence: 2))
    // The ledger is an older copy.
    let newer = try hello(rules: WriteNumber(term: 8, sequence: 9))
    #expect(book.begin(cluster, newer, in: state).first?.number == WriteNumber(term: 8, sequence: 10))
  }

  @Test func aLargeSetIsToldInPieces() throws {
    let state = try state(projects: (0..<1201).map { try Service.project("p\(1000 + $0)") })
    var book = AdmissionBook()
    let messages = book.begin(try ClusterName("alpha"), try hello(), in: state)
    #expect(messages.map(\.accounts.count) == [500, 500, 201])
    #expect(messages.map(\.sequence) == [1, 2, 3])
    #expect(messages.map(\.since) == [nil, nil, WriteNumber(term: 5, sequence: 1)])
  }

  @Test func onlyWhatChangesIsTold() throws {
    var state = try state(projects: [try Service.project("genomics"), try Service.project("biology")])
    var book = AdmissionBook()
    _ = book.begin(try ClusterName("alpha"), try hello(), in: state)
    var project = try Service.project("genomics", cpu: 16)
    #expect(
      try told(&book, .setProject(project, acceptsUnenforced: false), "genomics", &state)
        == [
          AdmissionRules(
            number: WriteNumber(term: 5, sequence: 2), accounts: [try rule("genomics", cpu: 16)])
        ])
    project.members = [:]
    #expect(try told(&book, .setProject(project, acceptsUnenforced: false), "genomics", &state) == [])
    project.clusters = [try ClusterName("alpha"): ClusterBinding(account: try AccountName("other"))]
    #expect(
      try told(&book, .setProject(project, acceptsUnenforced: false), "genomics", &state)
        == [
          AdmissionRules(
            number: WriteNumber(term: 5, sequence: 3), accounts: [], gone: [try AccountName("genomics")]),
          AdmissionRules(
            number: WriteNumber(term: 5, sequence: 4),
            accounts: [try rule("genomics", cpu: 16, account: "other")]),
        ])
    let gone = [
      AdmissionRules(
        number: WriteNumber(term: 5, sequence: 5), accounts: [], gone: [try AccountName("other")])
    ]
    project.clusters = [:]
    #expect(try told(&book, .setProject(project, acceptsUnenforced: false), "genomics", &state) == gone)
    #expect(
      try told(&book, .deleteProject(try ProjectName("biology")), "biology", &state).first?.gone
        == [try AccountName("biology")])
  }

  @Test func whatHoldsAProjectHoldsAllThatIsBelowIt() throws {
    var above = try Service.project("biology", cpu: 16)
    above.limits[.node] = Amount(units: 2)
    var below = try Service.project("genomics", cpu: 32)
    below.parent = above.name
    var state = try state(projects: [above, below])
    var book = AdmissionBook()
    let told = book.begin(try ClusterName("alpha"), try hello(), in: state)
    let own = CapHolder(project: below.name, caps: below.limits)
    #expect(
      told.flatMap(\.accounts).last
        == AccountRule(
          account: try AccountName("genomics"),
          holders: [own, CapHolder(project: above.name, caps: above.limits)]))
    above.limits[.cpu] = Amount(units: 64)
    let changed = try self.told(&book, .setProject(above, acceptsUnenforced: false), "biology", &state)
    let node = CapHolder(project: above.name, caps: [.node: Amount(units: 2)])
    #expect(
      changed.flatMap(\.accounts) == [
        AccountRule(
          account: try AccountName("biology"), holders: [CapHolder(project: above.name, caps: above.limits)]),
        AccountRule(account: try AccountName("genomics"), holders: [own, node]),
      ])
  }

  @Test func theLinkCarriesThem() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    let agent = HookedAgent(hello: try hello())
    let server = try RPCServer(
      path: "\(service.folder)/alpha.sock", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      handler: agent)
    defer { server.stop() }
    #expect(agent.waits { $0.count == 1 && $0[0].since != nil })
    let set = ProjectSet(project: try Service.project("genomics"))
    _ = try service.call("project.set", set, as: PlanStep.self)
    #expect(agent.waits { $0.count == 2 })
    #expect(agent.told.last?.accounts == [try rule("genomics")])
  }
}

/// An agent that takes what it is told, and whose cluster never answers.
private final class HookedAgent: RPCHandler {
  private let hello: AgentHello
  private let rules = Mutex<[AdmissionRules]>([])

  init(hello: AgentHello) { self.hello = hello }

  var told: [AdmissionRules] { rules.withLock { $0 } }

  func waits(until condition: ([AdmissionRules]) -> Bool) -> Bool {
    let deadline = Deadline(after: 20)
    while !condition(told) {
      guard !deadline.hasPassed else { return false }
      sleep(seconds: 0.01)
    }
    return true
  }

  func handle(_ call: RPCCall) {
    do throws(Failure) {
      switch call.method {
      case "agent.hello": call.reply(hello)
      case "admission.apply":
        let message = try call.parameters.decode(AdmissionRules.self)
        rules.withLock { $0.append(message) }
        call.reply(AdmissionRulesResult(accounts: 0))
      default:
        call.reply(
          UsageView(
            serial: 1, cluster: hello.cluster, bootTime: nil, age: nil, applied: nil, settled: true,
            capacity: [:], free: [:], voids: [], problems: [], accounts: []))
      }
    } catch {
      call.fail(error)
    }
  }

  func disconnected(_ client: RPCPeer) {}
}
