import Agent
import Foundation
import Model
import RPC
import Synchronization
import Testing
import Wire

@Suite struct WriteTests {
  @Test func writesAreNumberedAndKept() throws {
    let lab = try Lab()
    let client = try lab.connect()
    let result = try client.apply(1, 1)
    #expect(result.applied == WriteNumber(term: 1, sequence: 1))
    #expect(result.rows.map(\.outcome) == [.confirmed])
    #expect(try lab.record() == #"{"term":1,"sequence":1,"ended":true}"#)
    for (term, sequence) in [(1, 1), (1, 0), (0, 9)] as [(Int64, Int64)] {
      let refused = failure { _ = try client.apply(term, sequence) }
      #expect(
        refused
          == Failure(
            .outdated,
            "write \(term).\(sequence) is refused: write 1.1 was seen already, and numbers must rise"))
    }
    _ = try client.apply(2, 0)
    lab.stop()
    try lab.start()
    let again = try lab.connect()
    #expect(failure { _ = try again.apply(1, 2) }?.code == .outdated)
    #expect(
      try again.call("agent.hello", Empty(), as: AgentHello.self, timeout: 10).lastWrite
        == WriteNumber(term: 2, sequence: 0))
    #expect(try again.usage("usage.get", ["genomics"]).applied == WriteNumber(term: 2, sequence: 0))
    #expect(lab.backend.writeCount == 2)
  }

  @Test func theNumberIsOnDiskBeforeTheCluster() throws {
    let lab = try Lab()
    lab.backend.setGate(open: false)
    let client = try lab.connect()
    let done = Mutex(false)
    DispatchQueue(label: "writer").async {
      _ = try? client.apply(5, 1)
      done.withLock { $0 = true }
    }
    waitFor("the number is on disk") { (try? lab.record()) == #"{"term":5,"sequence":1,"ended":false}"# }
    #expect(lab.backend.writeCount == 0)
    lab.backend.setGate(open: true)
    waitFor("the write ends") { done.withLock { $0 } }
    #expect(try lab.record() == #"{"term":5,"sequence":1,"ended":true}"#)
    #expect(lab.backend.wasUnknown(0) == false)
  }

  @Test func aWriteCutShortLeavesDoubtUntilTheNextHasEnded() throws {
    let lab = try Lab()
    lab.stop()
    try lab.writeRecord(#"{"term":7,"sequence":3,"ended":false}"#)
    try lab.start()
    let client = try lab.connect()
    #expect(try client.usage("usage.get", ["genomics"]).settled == false)
    #expect(try client.usage("usage.get", ["genomics"]).applied == nil)
    _ = try client.apply(7, 4)
    #expect(lab.backend.wasUnknown(0))
    lab.backend.view()
    #expect(try client.usage("usage.get", ["genomics"]).settled)
    _ = try client.apply(7, 5)
    #expect(!lab.backend.wasUnknown(1))
  }

  @Test func aWriteWithoutChangesEndsNoDoubt() throws {
    let lab = try Lab()
    lab.stop()
    try lab.writeRecord(#"{"term":7,"sequence":3,"ended":false}"#)
    try lab.start()
    let client = try lab.connect()
    let write = LimitWrite(number: WriteNumber(term: 7, sequence: 4), changes: [])
    _ = try client.call("limits.apply", write, as: LimitWriteResult.self, timeout: 10)
    #expect(try lab.record() == #"{"term":7,"sequence":4,"ended":false}"#)
    #expect(try client.usage("usage.get", ["genomics"]).settled == false)
  }

  @Test(arguments: ["", "{", #"{"term":1}"#, #"{"term":"x","sequence":1,"ended":true}"#])
  func aDamagedRecordIsRefusedInWords(_ text: String) throws {
    let lab = try Lab()
    lab.stop()
    try lab.writeRecord(text)
    let refused = failure { _ = try Lab.service(lab.backend, lab.settings()) }
    #expect(refused?.code == .faulty)
    #expect(refused?.message.hasPrefix("\(lab.recordPath) is damaged") == true)
  }

  @Test func oneAgentAStateDirectory() throws {
    let lab = try Lab()
    var settings = lab.settings()
    settings.socket += "2"
    let refused = failure { _ = try Lab.service(lab.backend, settings) }
    #expect(refused?.code == .conflict)
    #expect(refused?.message.contains(settings.stateDirectory) == true)
  }

  @Test func writesThatWaitAreBounded() throws {
    let lab = try Lab()
    lab.backend.setGate(open: false)
    let ended = Mutex<[Failure?]>([])
    for sequence in Int64(1)...10 {
      let client = try lab.connect()
      DispatchQueue(label: "writer-\(sequence)").async {
        let refused = failure { _ = try client.apply(1, sequence) }
        ended.withLock { $0.append(refused) }
      }
    }
    waitFor("one is refused") { ended.withLock { $0.count } == 1 }
    #expect(ended.withLock { $0.first??.code } == .overloaded)
    lab.backend.setGate(open: true)
    waitFor("all have ended") { ended.withLock { $0.count } == 10 }
    #expect(ended.withLock { $0.dropFirst().allSatisfy { $0 == nil || $0?.code == .outdated } })
  }

  @Test func aWriteWithoutChangesEndsAllEarlierOnes() throws {
    let lab = try Lab()
    let client = try lab.connect()
    let write = LimitWrite(number: WriteNumber(term: 3, sequence: 1), changes: [])
    let result = try client.call("limits.apply", write, as: LimitWriteResult.self, timeout: 10)
    #expect(result == LimitWriteResult(applied: write.number, rows: []))
    #expect(failure { _ = try client.apply(2, 9) }?.code == .outdated)
    #expect(try client.usage("usage.get", ["genomics"]).applied == write.number)
  }

  @Test(arguments: [
    (
      #"{"term":1,"sequence":1,"changes":["#
        + Array(repeating: #"{"account":"a","limits":{}}"#, count: 257).joined(separator: ",") + "]}",
      "changes: must have at most 256 rows"
    ),
    (#"{"term":-1,"sequence":1,"changes":[]}"#, "term: can't be negative"),
    (#"{"sequence":1,"changes":[]}"#, "term is missing"),
    (
      #"{"term":1,"sequence":1,"changes":[{"account":"a b","limits":{},"cleared":[],"users":[]}]}"#,
      "changes[0].account: "
    ),
    (
      #"{"term":1,"sequence":1,"changes":[{"account":"a","limits":{"cpu":1},"cleared":["cpu"],"users":[]}]}"#,
      "changes[0].cleared: 'cpu' is in limits too"
    ),
    (
      """
      {"term":1,"sequence":1,"changes":[{"account":"a","limits":{},"cleared":[],"users":[]},
       {"account":"a","limits":{},"cleared":[],"users":[]}]}
      """, "changes[1].account: 'a' is there twice"
    ),
  ])
  func badWrites(_ text: String, _ message: String) throws {
    let lab = try Lab()
    let client = try lab.connect()
    let write = try JSON.decode(JSONValue.self, from: Array(text.utf8))
    let refused = failure { _ = try client.callRaw("limits.apply", write, timeout: 10) }
    #expect(refused?.code == .badParameters)
    #expect(refused?.message.hasPrefix(message) == true)
    #expect(lab.backend.writeCount == 0)
  }
}
