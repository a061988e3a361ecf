internal import Core
internal import Model
internal import Quota
internal import RPC
internal import Wire

/// Those who asked to be told what changes.
struct Watchers: Sendable {
  private static let most = 256

  private var callers: [RPCPeer: Caller] = [:]

  mutating func add(_ peer: RPCPeer, as caller: Caller) throws(Failure) {
    guard callers[peer] != nil || callers.count < Self.most else {
      throw Failure(.overloaded, "\(Self.most) clients watch already: try again later")
    }
    callers[peer] = caller
  }

  mutating func remove(_ peer: RPCPeer) { callers[peer] = nil }

  /// Tells everyone of the projects they may see. The text is made once for all administrators.
  func tell(
    of projects: [ProjectName], in state: State, _ budget: (ProjectName) -> BudgetStatus?
  ) {
    guard !callers.isEmpty, !projects.isEmpty else { return }
    let everything = changes(projects, in: state, budget)
    let line = Message.notification("quota.changed", everything)
    for (peer, caller) in callers {
      if caller.isAdministrator {
        peer.notify(line: line)
        continue
      }
      let seen = projects.filter { caller.role(in: $0, of: state) >= .projectUser }
      if !seen.isEmpty { peer.notify("quota.changed", changes(seen, in: state, budget)) }
    }
  }

  private func changes(
    _ projects: [ProjectName], in state: State, _ budget: (ProjectName) -> BudgetStatus?
  ) -> QuotaChanged {
    QuotaChanged(
      quotas: projects.compactMap { QuotaStatus($0, in: state, budget: budget($0)) },
      gone: projects.filter { state.projects[$0] == nil })
  }
}
