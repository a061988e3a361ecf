import Dispatch
import Model
import RPC
import Synchronization
import Testing
import Wire

@Suite struct ChargeTests {
  @Test func finishedWorkComesInPagesAndOnce() throws {
    let lab = try Lab()
    lab.backend.state.withLock { $0.charges = (0..<25).map { charge($0) } }
    var cursor: String?
    var jobs: [String] = []
    for _ in 0..<3 {
      // A cursor outlives the connection and the agent.
      let client = try lab.connect()
      let page = try client.call(
        "charges.list", ChargesRequest(cursor: cursor, limit: 10), as: ChargesPage.self, timeout: 20)
      jobs += page.charges.map(\.job)
      #expect(page.more == (jobs.count < 25))
      cursor = page.cursor
      client.close()
      lab.stop()
      try lab.start()
    }
    #expect(jobs == (0..<25).map { "\($0)" })
    let client = try lab.connect()
    let last = try client.call(
      "charges.list", ChargesRequest(cursor: cursor), as: ChargesPage.self, timeout: 20)
    #expect(last.charges == [] && last.cursor == cursor && !last.more)
  }

  @Test(arguments: [0, -1, 1001]) func aLimitOutOfBoundsIsRefused(limit: Int) throws {
    let lab = try Lab()
    let client = try lab.connect()
    let failure = failure {
      _ = try client.call("charges.list", ChargesRequest(limit: limit), as: ChargesPage.self, timeout: 20)
    }
    #expect(failure?.code == .badParameters && failure?.message.hasPrefix("limit: ") == true)
  }

  @Test func anAccountingThatHangsHoldsUpNothingElse() throws {
    let lab = try Lab()
    lab.backend.setGate(open: false)
    for number in 0..<4 {
      let stuck = try lab.connect()
      DispatchQueue(label: "caller-\(number)").async {
        _ = try? stuck.callRaw("charges.list", ChargesRequest(), timeout: 30)
      }
    }
    let client = try lab.connect()
    #expect(
      try client.call("agent.hello", Empty(), as: AgentHello.self, timeout: 5).cluster == name("memory"))
    lab.backend.setGate(open: true)
  }
}
