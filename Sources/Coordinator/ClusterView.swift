internal import Core
internal import Model
internal import Wire

/// What the writer knows of a cluster beside what decisions need: for people.
struct ClusterNotes: Sendable {
  var address: String
  var hello: AgentHello? {
    didSet { untold = LimitGap.untold(besides: hello?.jobTypes ?? []) }
  }
  /// Types of jobs that its agent doesn't tell: made once, since every report has them.
  private(set) var untold = LimitGap.untold(besides: [])
  var view: UsageView?
  /// When `view` came, by sluiced's clock.
  var viewedAt: Timestamp?
  /// Why there is no link; nil while there is one.
  var linkFault: String?

  init(address: String) {
    self.address = address
    linkFault = "its agent was not dialled yet"
  }
}

extension ClusterStatus {
  init(_ name: ClusterName, _ cluster: ClusterState, _ notes: ClusterNotes, at now: Timestamp) {
    let state: State = cluster.isAnswering ? .ready : cluster.isLinked ? .stale : .unreachable
    self.init(cluster: name, address: notes.address, state: state, isDrained: cluster.isDrained)
    kind = notes.hello?.kind
    clusterVersion = notes.hello?.clusterVersion
    agentVersion = notes.hello?.agentVersion
    if let view = notes.view, let viewedAt = notes.viewedAt {
      bootTime = view.bootTime
      age = view.age.map { $0 + max(0, now.seconds(since: viewedAt)) }
      capacity = view.capacity
      free = view.free
      voids = view.voids
    }
    problems = findProblems(cluster, notes)
  }

  private func findProblems(_ cluster: ClusterState, _ notes: ClusterNotes) -> [Problem] {
    var problems: [Problem] = []
    func add(_ message: String, _ advice: String) {
      problems.append(Problem(subject: "cluster \(self.cluster)", message: message, advice: advice))
    }
    // What it told before it fell silent may be over.
    let told = state == .unreachable ? [] : notes.view?.problems ?? []
    if state == .unreachable {
      add(notes.linkFault ?? "its agent can't be reached", Advice.unreachable(at: address))
    } else if state == .stale, !told.contains(where: { $0.kind == .controller || isFirstWait(for: $0) }) {
      add("its controller does not answer its agent", ClusterProblem.Kind.controller.advice)
    }
    for problem in told { add(problem.message, problem.kind.advice) }
    // One that could not ask its cluster yet tells nothing of what it can.
    if let hello = notes.hello, hello.capabilities.contains(AgentHello.limits),
      !hello.capabilities.contains(AgentHello.users),
      cluster.projectOfAccount.keys.contains(where: \.isOfUser)
    {
      add(
        "its agent, \(hello.agentVersion), does not know users' limits: no cap per user is held there",
        Advice.olderAgent)
    }
    if let failing = cluster.rests.min(by: { $0.key < $1.key }) {
      let count = cluster.rests.count == 1 ? "a share" : "\(cluster.rests.count) shares"
      add("\(count) could not be written: \(failing.key.inWords): \(failing.value.reason)", Advice.unwritten)
    }
    // What voids one account's limits is a trouble of its project.
    for void in voids where void.account == nil { add(void.reason, void.kind.advice) }
    return problems
  }

  /// A new agent needs the accounting once, before any answer of the controller counts.
  private func isFirstWait(for problem: ClusterProblem) -> Bool { problem.kind == .accounting && age == nil }
}
