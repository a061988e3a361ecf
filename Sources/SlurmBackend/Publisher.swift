internal import Agent
internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Sends views on: each new one, and the last one again with its risen age when nothing new comes, because
/// slurmctld hangs or is down. All views are numbered here and leave in that order.
final class Publisher: Sendable {
  private static let longestSilence = 1.5

  private struct State {
    var last: UsageView
    var answeredAt: ContinuousClock.Instant?
    var sentAt: ContinuousClock.Instant
    var fault: String?
    var isStopping = false
  }

  private let publish: @Sendable (BackendView) -> Void
  private let state: Mutex<State>
  private let ownProblems: @Sendable (ControllerCalls.Configuration?) -> [String]

  init(
    cluster: ClusterName, problems: @escaping @Sendable (ControllerCalls.Configuration?) -> [String],
    publish: @escaping @Sendable (BackendView) -> Void
  ) {
    self.publish = publish
    ownProblems = problems
    let empty = UsageView(
      serial: 0, cluster: cluster, bootTime: nil, age: nil, applied: nil, settled: false, capacity: [:],
      free: [:], voids: [], problems: ["slurmctld was not reached yet"], accounts: [])
    state = Mutex(State(last: empty, sentAt: .now))
  }

  func start() {
    startThread { [self] in
      while !state.withLock({ $0.isStopping }) {
        sleep(seconds: 0.5)
        state.withLock { state in
          guard !state.isStopping, .now - state.sentAt > .seconds(Self.longestSilence) else { return }
          send(jobs: nil, &state)
        }
      }
    }
  }

  func stop() { state.withLock { $0.isStopping = true } }

  /// The last view, with its age as it is now.
  var last: UsageView { state.withLock { Self.aged($0) } }

  func take(_ result: PollResult) {
    state.withLock { state in
      state.fault = result.fault
      if result.fault == nil {
        state.answeredAt = .now
        state.last.accounts = result.accounts
        state.last.bootTime = result.configuration?.bootTime
        state.last.applied = result.applied
        state.last.capacity = result.nodes.capacity
        state.last.free = result.nodes.free
        state.last.voids = result.voids
      }
      state.last.settled = result.isSettled
      state.last.problems = ownProblems(result.configuration)
      if let fault = result.fault { state.last.problems.append("slurmctld does not answer: \(fault)") }
      send(jobs: result.jobs, &state)
    }
  }

  private func send(jobs: [NativeJob]?, _ state: inout State) {
    state.last.serial += 1
    state.sentAt = .now
    publish(BackendView(usage: Self.aged(state), jobs: jobs))
  }

  private static func aged(_ state: State) -> UsageView {
    var view = state.last
    view.age = state.answeredAt.map { (.now - $0) / .seconds(1) }
    return view
  }
}
