import Glibc
import Logging
import Model
import RPC
import Synchronization
import Testing
import Transport
import Wire

@testable import Coordinator

/// Says that it is of one cluster, and notes when it was asked.
private final class Greeter: RPCHandler {
  let cluster: ClusterName
  private let moments = Mutex<[ContinuousClock.Instant]>([])

  init(cluster: ClusterName) { self.cluster = cluster }

  var asked: [ContinuousClock.Instant] { moments.withLock { $0 } }

  func handle(_ call: RPCCall) {
    moments.withLock { $0.append(.now) }
    call.reply(
      AgentHello(
        cluster: cluster, kind: "slurm", agentVersion: "0", clusterVersion: nil, libraryVersion: "0",
        bootTime: nil, capabilities: [], voids: [], problems: [], lastWrite: nil))
  }

  func disconnected(_ client: RPCPeer) {}
}

@Suite struct LinkTests {
  @Test func anAgentThatIsRefusedIsDialledMoreAndMoreRarely() throws {
    let service = try Service()
    defer {
      service.end()
      service.remove()
    }
    let agent = Greeter(cluster: try ClusterName("gamma"))
    let server = try RPCServer(
      path: "\(service.folder)/alpha.sock", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      handler: agent)
    defer { server.stop() }
    let deadline = Deadline(after: 60)
    while agent.asked.count < 5, !deadline.hasPassed { usleep(10_000) }
    let asked = agent.asked
    try #require(asked.count >= 5)
    // Half of 0.4, 0.8, 1.6 and 3.2 s at least; four dials without back-off take 0.8 s at most.
    #expect(asked[4] - asked[0] > .seconds(2.9))
  }
}
