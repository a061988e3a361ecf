import Foundation
import Synchronization
import Testing

extension LabSuite {
  /// Sockets that pass nothing on, or next to nothing.
  @Suite(.serialized) struct SocketStallTests {
    enum Trouble: String, CaseIterable, Sendable {
      case nothingReachesTheAgent, nothingComesFromTheAgent, bytesTrickle

      var flows: Middleman.Flows {
        switch self {
        case .nothingReachesTheAgent: Middleman.Flows(toAgent: .stalls)
        case .nothingComesFromTheAgent: Middleman.Flows(fromAgent: .stalls)
        case .bytesTrickle: Middleman.Flows(toAgent: .trickles, fromAgent: .trickles)
        }
      }
    }

    @Test(arguments: Trouble.allCases) func aSocketThatStallsPassesNoCap(trouble: Trouble) throws {
      var between: Middleman?
      defer { between?.end() }
      let grant = try Grant(cpu: 8, on: Lab.quick.get(), middlemen: [.alpha]) { sluice in
        between = try Middleman(
          at: "\(sluice.folder)/alpha/middleman.sock", for: "\(sluice.folder)/alpha/agent.sock")
      }
      defer { grant.end() }
      let middleman = try #require(between)
      let sampler = Sampler(grant.lab, account: grant.account)
      try grant.submitMix(30, to: Cluster.allCases)
      middleman.flows.withLock { $0 = trouble.flows }
      #expect(try waitUntil(seconds: 60) { try !grant.isReady(.alpha) }, "told within a minute")
      try grant.submitMix(20, to: [.beta])
      Thread.sleep(forTimeInterval: 5)
      middleman.flows.withLock { $0 = Middleman.Flows() }
      #expect(try waitUntil(seconds: 60) { try grant.isReady(.alpha) })
      #expect(grant.waitForAllJobs(seconds: 240))
      #expect(try waitUntil(seconds: 60) { try grant.state() == "ok" })
      #expect(Utilization.peak(sampler.stop()) <= 8)
    }
  }
}

extension Grant {
  func isReady(_ cluster: Cluster) throws -> Bool {
    let status = try sluice.sluice(["cluster", "show", cluster.rawValue]) as? [String: Any]
    return status?["state"] as? String == "ready"
  }
}
