import Agent
import Foundation
import Model
import Synchronization
import Wire

func name<Tag>(_ text: String) -> Name<Tag> {
  guard let name = try? Name<Tag>(text) else { preconditionFailure("'\(text)' is no name") }
  return name
}

/// A cluster in memory, which does what the test says.
final class MemoryBackend: Backend {
  struct State {
    var publish: (@Sendable (BackendView) -> Void)?
    var serial: Int64 = 0
    var followed: [AccountName] = []
    var limits: [AccountName: TRESAmounts] = [:]
    var used: [AccountName: TRESAmounts] = [:]
    var jobs: [NativeJob] = []
    var writes: [(number: WriteNumber, wasUnknown: Bool)] = []
    var isDown = false
    var looks = 0
    var nodes: [String: [AlikeNodes]] = [:]
    /// Finished work, in its order. Its cursors are places in it.
    var charges: [Charge] = []
  }

  let state = Mutex(State())
  /// Closed, it keeps `apply` and `accounts` waiting.
  let gate = NSCondition()
  private let isOpen = Mutex(true)

  var followed: [AccountName] { state.withLock { $0.followed } }
  var writeCount: Int { state.withLock { $0.writes.count } }
  var lookCount: Int { state.withLock { $0.looks } }
  func wasUnknown(_ index: Int) -> Bool { state.withLock { $0.writes[index].wasUnknown } }

  func setGate(open: Bool) {
    isOpen.withLock { $0 = open }
    gate.withLock { gate.broadcast() }
  }

  private func passGate() {
    gate.withLock { while !isOpen.withLock({ $0 }) { gate.wait() } }
  }

  func start(publish: @escaping @Sendable (BackendView) -> Void) {
    state.withLock { $0.publish = publish }
  }

  func stop() { state.withLock { $0.publish = nil } }

  func follow(_ accounts: [AccountName]) {
    state.withLock { $0.followed = accounts }
    view()
  }

  func set(_ nodes: [AlikeNodes], of partition: String) { state.withLock { $0.nodes[partition] = nodes } }

  func nodes(of partition: String) -> [AlikeNodes] { state.withLock { $0.nodes[partition] ?? [] } }

  func lookSoon() { state.withLock { $0.looks += 1 } }

  /// Publishes a view of the followed accounts.
  func view(jobs: Bool = false) {
    state.withLock { state in
      state.serial += 1
      let rows = state.followed.map { account in
        AccountUsage(
          account: account, exists: state.limits[account] != nil, limits: state.limits[account] ?? [:],
          used: state.used[account] ?? [:], pending: [:], runningJobs: 0, pendingJobs: 0)
      }
      let usage = UsageView(
        serial: state.serial, cluster: name("memory"), bootTime: Timestamp(seconds: 5), age: 0.25,
        applied: state.writes.last?.number, settled: true, capacity: [.cpu: Amount(units: 64)], free: [:],
        voids: [], problems: [], accounts: rows)
      state.publish?(BackendView(usage: usage, jobs: jobs ? state.jobs : nil))
    }
  }

  func clusterDetail() throws(Failure) -> ClusterDetail {
    if state.withLock({ $0.isDown }) { throw Failure(.unavailable, "the cluster does not answer") }
    let hello = AgentHello(
      cluster: name("other"), kind: "other", agentVersion: "?", clusterVersion: "1.2", libraryVersion: "1.2",
      bootTime: Timestamp(seconds: 5), capabilities: ["limits"], voids: [], problems: [], lastWrite: nil)
    return ClusterDetail(
      hello: hello, age: 0, capacity: [:], free: [:], nodes: NodeCounts(total: 1, usable: 1, busy: 0),
      partitions: [], releases: [])
  }

  func accounts() throws(Failure) -> [Association] {
    passGate()
    return (0..<2500).map { Association(id: $0, account: "a\($0)") }
  }

  func qos() throws(Failure) -> [Wire.QualityOfService] { [Wire.QualityOfService(id: 1, name: "normal")] }

  func charges(_ request: ChargesRequest) throws(Failure) -> ChargesPage {
    passGate()
    return try state.withLock { state throws(Failure) in
      guard let start = Int(request.cursor ?? "0"), (0...state.charges.count).contains(start) else {
        throw Failure(.badParameters, "cursor: is not one that an agent gave")
      }
      let end = min(state.charges.count, start + (request.limit ?? PageRequest.usual))
      return ChargesPage(
        cluster: name("memory"), charges: Array(state.charges[start..<end]), cursor: "\(end)",
        more: end < state.charges.count)
    }
  }

  func apply(_ write: LimitWrite, previousOutcomeUnknown: Bool) -> [LimitOutcome] {
    passGate()
    return state.withLock { state in
      state.writes.append((write.number, previousOutcomeUnknown))
      return write.changes.map { change in
        state.limits[change.account] = change.limits
        return LimitOutcome(account: change.account, outcome: .confirmed, limits: change.limits)
      }
    }
  }
}

func job(_ id: Int, state: NativeJob.State = .running, account: String = "genomics") -> NativeJob {
  NativeJob(
    id: "\(id)", name: "n", user: "alice", account: account, partition: "main", qos: nil, state: state,
    reason: nil, reasonDetail: nil, requested: [:], allocated: [:], nodes: nil,
    submitTime: Timestamp(seconds: 1), startTime: nil, endTime: nil, timeLimit: nil, restarts: 0,
    exitCode: nil,
    arrayJobId: nil, arrayTasks: nil)
}

func charge(_ job: Int, account: String = "genomics") -> Charge {
  Charge(
    job: "\(job)", submitTime: Timestamp(seconds: 1), startTime: Timestamp(seconds: 10),
    endTime: Timestamp(seconds: 20), seconds: 10, user: "alice", account: account, partition: "main",
    qos: nil,
    state: "completed", allocated: [.cpu: Amount(units: 2)])
}
