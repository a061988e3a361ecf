internal import Model
internal import RPC
internal import Synchronization
internal import Wire

/// The table of the agent's methods: who may call is checked first, then each goes where it is done.
final class AgentMethods: RPCHandler {
  private let backend: any Backend
  private let settings: AgentSettings
  private let callers: Callers
  private let usage: UsageBoard
  private let jobs: JobsBoard
  private let writer: LimitWriter
  private let rules: RuleBook
  /// For what asks the cluster and so may block.
  private let reads = WorkQueue("reading the cluster", width: 2, most: 64)
  /// Its own, so that no other reading waits for slurmdbd.
  private let accounting = WorkQueue("reading the accounting", width: 1, most: 8)
  private let associations = Snapshots<Association>()
  private let qos = Snapshots<QualityOfService>()
  private let lastHello = Mutex<AgentHello?>(nil)

  init(
    backend: any Backend, settings: AgentSettings, callers: Callers, usage: UsageBoard, jobs: JobsBoard,
    writer: LimitWriter, rules: RuleBook
  ) {
    self.backend = backend
    self.settings = settings
    self.callers = callers
    self.usage = usage
    self.jobs = jobs
    self.writer = writer
    self.rules = rules
  }

  func handle(_ call: RPCCall) {
    do throws(Failure) {
      try callers.check(call.client.peer)
      try start(call)
    } catch {
      call.fail(error)
    }
  }

  func disconnected(_ client: RPCPeer) {
    usage.forget(client)
    jobs.forget(client)
  }

  func close() {
    reads.close(timeout: 5)
    accounting.close(timeout: 5)
    writer.close()
    rules.close()
  }

  private func start(_ call: RPCCall) throws(Failure) {
    switch call.method {
    case "agent.hello": try read(call) { [self] () in hello() }
    case "cluster.get": try read(call) { [self] () throws(Failure) in try detail() }
    case "accounts.list":
      let page = try call.parameters.decode(PageRequest.self)
      try read(call) { [self] () throws(Failure) in
        try associations.page(limit: page.limit, cursor: page.cursor, of: backend.accounts)
      }
    case "qos.list":
      let page = try call.parameters.decode(PageRequest.self)
      try read(call) { [self] () throws(Failure) in
        try qos.page(limit: page.limit, cursor: page.cursor, of: backend.qos)
      }
    case "usage.get": try usage.get(call)
    case "usage.watch": try usage.watch(call)
    case "limits.apply": try writer.apply(call)
    case "admission.apply": try rules.apply(call)
    case "charges.list": try charges(call)
    case "jobs.get": try jobs.get(call)
    case "jobs.watch": try jobs.watch(call)
    default: throw Failure(.unknownMethod, "an agent has no method '\(call.method)'")
    }
  }

  private func charges(_ call: RPCCall) throws(Failure) {
    let request = try call.parameters.decode(ChargesRequest.self)
    guard (1...PageRequest.most).contains(request.limit ?? PageRequest.usual) else {
      throw Failure(.badParameters, "limit: must be from 1 to \(PageRequest.most)")
    }
    try read(call, on: accounting) { [self] () throws(Failure) in try backend.charges(request) }
  }

  private func read<R: Encodable & SendableMetatype>(
    _ call: RPCCall, on queue: WorkQueue? = nil, _ work: @escaping @Sendable () throws(Failure) -> R
  ) throws(Failure) {
    try (queue ?? reads).submit {
      do throws(Failure) {
        call.reply(try work())
      } catch {
        call.fail(error)
      }
    }
  }

  private func detail() throws(Failure) -> ClusterDetail {
    var detail = try backend.clusterDetail()
    detail.hello = signed(detail.hello)
    lastHello.withLock { $0 = detail.hello }
    return detail
  }

  /// Answers even when the cluster doesn't: with what was known last, and what is wrong.
  private func hello() -> AgentHello {
    do throws(Failure) {
      return try detail().hello
    } catch {
      var hello =
        lastHello.withLock { $0 }
        ?? AgentHello(
          cluster: settings.cluster, kind: settings.kind, agentVersion: sluiceVersion, clusterVersion: nil,
          libraryVersion: "", bootTime: nil, capabilities: [], voids: [], problems: [], lastWrite: nil)
      hello.problems = [ClusterProblem(kind: .controller, message: error.description)]
      return signed(hello)
    }
  }

  private func signed(_ hello: AgentHello) -> AgentHello {
    var hello = hello
    hello.cluster = settings.cluster
    hello.kind = settings.kind
    hello.agentVersion = sluiceVersion
    hello.lastWrite = writer.last
    hello.rules = rules.number
    if let admission = settings.admission {
      hello.capabilities.append(AgentHello.admission)
      hello.jobTypes = admission.typesTold
    }
    return hello
  }
}
