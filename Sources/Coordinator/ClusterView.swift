internal import Core
internal import Model
internal import Wire

/// What the writer knows of a cluster beside what decisions need: for people.
struct ClusterNotes: Sendable {
  var address: String
  var hello: AgentHello?
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
    problems = [notes.linkFault].compactMap { $0 }
    if let failing = cluster.rests.min(by: { $0.key < $1.key }) {
      let count = cluster.rests.count == 1 ? "a share" : "\(cluster.rests.count) shares"
      problems.append("\(count) could not be written: \(failing.key): \(failing.value.reason)")
    }
    guard let view = notes.view, let viewedAt = notes.viewedAt else { return }
    bootTime = view.bootTime
    age = view.age.map { $0 + max(0, now.seconds(since: viewedAt)) }
    capacity = view.capacity
    free = view.free
    voids = view.voids
    problems += view.problems
  }
}

extension Problem {
  /// What is wrong with a cluster, and what to do about it.
  static func all(of status: ClusterStatus) -> [Problem] {
    var problems: [Problem] = []
    let subject = "cluster \(status.cluster)"
    switch status.state {
    case .ready: break
    case .stale:
      problems.append(
        Problem(
          subject: subject, message: "its controller does not answer its agent",
          advice: "see whether slurmctld runs there; limits written before still hold"))
    case .unreachable:
      problems.append(
        Problem(
          subject: subject, message: status.problems.first ?? "its agent can't be reached",
          advice: "see whether sluice-slurm-agent runs at \(status.address), and its log"))
    }
    for void in status.voids {
      problems.append(Problem(subject: subject, message: void.reason, advice: void.kind.advice))
    }
    let told = status.state == .unreachable ? Array(status.problems.dropFirst()) : status.problems
    problems += told.map {
      Problem(subject: subject, message: $0, advice: "'sluice cluster show \(status.cluster)' tells more")
    }
    return problems
  }
}

extension LimitVoid.Kind {
  fileprivate var advice: String {
    switch self {
    case .notEnforced: "add 'limits' to AccountingStorageEnforce in slurm.conf and restart slurmctld"
    case .untracked: "add the TRES to AccountingStorageTRES in slurm.conf and restart slurmctld"
    case .qos: "clear that limit of the QOS, or keep the QOS from the project's account"
    case .untypedRequests: "cap the TRES without its type as well, or refuse requests that name no type"
    case .operatorOverride: "nothing grows until that job ends; operators should not alter the size of jobs"
    }
  }
}
