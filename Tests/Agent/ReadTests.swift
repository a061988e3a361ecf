import Agent
import Foundation
import Model
import RPC
import Synchronization
import Testing
import Wire

@Suite struct ReadTests {
  @Test func helloAndDetail() throws {
    let lab = try Lab()
    let client = try lab.connect()
    let hello = try client.call("agent.hello", Empty(), as: AgentHello.self, timeout: 10)
    #expect(hello.cluster.text == "memory" && hello.kind == "memory" && hello.agentVersion == sluiceVersion)
    #expect(hello.clusterVersion == "1.2" && hello.lastWrite == nil && hello.protocol == 1)
    _ = try client.apply(3, 4)
    let detail = try client.call("cluster.get", Empty(), as: ClusterDetail.self, timeout: 10)
    #expect(detail.hello.lastWrite == WriteNumber(term: 3, sequence: 4))
    lab.backend.state.withLock { $0.isDown = true }
    let sick = try client.call("agent.hello", Empty(), as: AgentHello.self, timeout: 10)
    #expect(sick.problems.map(\.message) == ["the cluster does not answer"] && sick.clusterVersion == "1.2")
    let refused = failure { _ = try client.callRaw("cluster.get", Empty(), timeout: 10) }
    #expect(refused == Failure(.unavailable, "the cluster does not answer"))
    #expect(failure { _ = try client.callRaw("jobs.eat", Empty(), timeout: 10) }?.code == .unknownMethod)
  }

  @Test func listsArePaged() throws {
    let lab = try Lab()
    let client = try lab.connect()
    var ids: [Int64] = []
    var cursor: String?
    var pages = 0
    repeat {
      let page = try client.call(
        "accounts.list", PageRequest(limit: 1000, cursor: cursor), as: Page<Association>.self, timeout: 10)
      ids += page.items.map(\.id)
      cursor = page.nextCursor
      pages += 1
    } while cursor != nil
    #expect(ids == Array(0..<2500) && pages == 3)
    let first = try client.call("accounts.list", Empty(), as: Page<Association>.self, timeout: 10)
    #expect(first.items.count == 100)
    let qos = try client.call("qos.list", Empty(), as: Page<Wire.QualityOfService>.self, timeout: 10)
    #expect(qos.items.map(\.name) == ["normal"] && qos.nextCursor == nil)
  }

  @Test(arguments: [
    (PageRequest(limit: 0), "limit: must be from 1 to 1000"),
    (PageRequest(limit: 1001), "limit: must be from 1 to 1000"),
    (PageRequest(cursor: "x"), "cursor: is not one that this agent gave"),
    (PageRequest(cursor: "77-3"), "cursor: has expired: list again without one"),
    (PageRequest(cursor: "1--3"), "cursor: is not one that this agent gave"),
  ])
  func badPages(_ request: PageRequest, _ message: String) throws {
    let lab = try Lab()
    let client = try lab.connect()
    let refused = failure { _ = try client.callRaw("accounts.list", request, timeout: 10) }
    #expect(refused == Failure(.badParameters, message))
  }

  @Test func jobsAreFilteredAndPaged() throws {
    let lab = try Lab()
    let client = try lab.connect()
    #expect(failure { _ = try client.callRaw("jobs.get", Empty(), timeout: 10) }?.code == .unavailable)
    lab.backend.state.withLock { state in
      state.jobs = (1...250).map { job($0, state: $0 % 2 == 0 ? .pending : .running) }
    }
    lab.backend.view(jobs: true)
    let request = JobsRequest(state: .pending, limit: 100)
    let first = try client.call("jobs.get", request, as: Page<NativeJob>.self, timeout: 10)
    #expect(first.items.count == 100 && first.items.last?.id == "200")
    lab.backend.state.withLock { $0.jobs = [] }
    lab.backend.view(jobs: true)
    let rest = try client.call(
      "jobs.get", JobsRequest(state: .pending, limit: 100, cursor: first.nextCursor),
      as: Page<NativeJob>.self,
      timeout: 10)
    #expect(rest.items.map(\.id).first == "202" && rest.items.count == 25 && rest.nextCursor == nil)
    let bad = failure { _ = try client.callRaw("jobs.get", ["state": "tired"], timeout: 10) }
    #expect(bad?.message.hasPrefix("state: 'tired' is not one of pending, configuring, running") == true)
  }

  @Test func slowReadsAreBoundedAndRefusedInWords() throws {
    let lab = try Lab()
    lab.backend.setGate(open: false)
    let clients = try (0..<2).map { _ in try lab.connect() }
    let answers = Mutex<[Failure?]>([])
    let total = 68
    for index in 0..<total {
      let client = try lab.connect()
      DispatchQueue(label: "caller-\(index)").async {
        let refused = failure { _ = try client.callRaw("accounts.list", PageRequest(limit: 1), timeout: 30) }
        answers.withLock { $0.append(refused) }
      }
    }
    waitFor("two are refused") { answers.withLock { $0.count } == total - 66 }
    let words = "64 calls already wait for reading the cluster: try again later"
    #expect(answers.withLock { $0 } == [Failure?](repeating: Failure(.overloaded, words), count: total - 66))
    // What doesn't wait for the cluster is answered meanwhile.
    #expect(try clients[0].usage("usage.get", ["genomics"]).accounts.count == 1)
    lab.backend.setGate(open: true)
    waitFor("the others are answered") { answers.withLock { $0.count } == total }
    #expect(answers.withLock { $0.filter { $0 == nil }.count } == 66)
  }
}
