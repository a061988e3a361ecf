import Foundation
import Logging
import Model
import Quota
import RPC
import Synchronization
import Testing
import Wire

@testable import Coordinator
@testable import Core

/// An agent of alpha, in which every user has 9 CPUs at work.
private final class BusyAgent: RPCHandler {
  private let capabilities: [String]

  init(capabilities: [String]) { self.capabilities = capabilities }

  func handle(_ call: RPCCall) {
    guard let cluster = try? ClusterName("alpha") else { return }
    switch call.method {
    case "agent.hello":
      call.reply(
        AgentHello(
          cluster: cluster, kind: "slurm", agentVersion: "0.0.9", clusterVersion: nil, libraryVersion: "0",
          bootTime: nil, capabilities: capabilities, voids: [], problems: [], lastWrite: nil))
    case "usage.watch":
      let accounts = (try? call.parameters.decode(UsageRequest.self))?.accounts ?? []
      let told = accounts.filter { !$0.isOfUser || capabilities.contains(AgentHello.users) }
      call.reply(
        UsageView(
          serial: 1, cluster: cluster, bootTime: nil, age: 0, applied: nil, settled: true,
          capacity: [.cpu: Amount(units: 64)], free: [.cpu: Amount(units: 40)], voids: [], problems: [],
          accounts: told.map {
            AccountUsage(
              account: $0, exists: true, limits: [:], used: $0.isOfUser ? [.cpu: Amount(units: 9)] : [:],
              pending: [:], runningJobs: 1, pendingJobs: 0)
          }))
    default:
      // Writes are never done.
      break
    }
  }

  func disconnected(_ client: RPCPeer) {}
}

/// What is wrong with users' caps is said with the rest, and so is what to do.
@Suite struct UserProblemTests {
  private func problem(_ subject: String, fromAgentThatCan capabilities: [String]) throws -> Problem? {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    let agent = try RPCServer(
      path: "\(service.folder)/alpha.sock", logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      handler: BusyAgent(capabilities: capabilities))
    defer { agent.stop() }
    var project = try Service.project("genomics", cpu: 60)
    project.perUser = [.cpu: Amount(units: 4)]
    _ = try service.call("project.set", ProjectSet(project: project), as: PlanStep.self)
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      let status = try service.call("status.get", Empty(), as: ServiceStatus.self)
      let isLinked = status.clusters.first { $0.cluster.text == "alpha" }?.state == .ready
      if isLinked, let found = status.problems.first(where: { $0.subject == subject }) { return found }
      usleep(20_000)
    }
    return nil
  }

  @Test func aUserWhoIsOverIsInTheStatus() throws {
    let found = try problem(
      "user alice of genomics", fromAgentThatCan: [AgentHello.limits, AgentHello.users])
    #expect(found?.message.contains("cpu: more in use than the cap of 4 allows") == true)
    #expect(found?.advice.contains("'sluice quota show genomics --user alice'") == true)
  }

  @Test func anAgentThatDoesNotTellUsersApartIsNamed() throws {
    let found = try problem("cluster alpha", fromAgentThatCan: [AgentHello.limits])
    #expect(found?.message.hasPrefix("its agent, 0.0.9, does not know users' limits") == true)
    #expect(found?.advice.contains("install the sluice-slurm-agent of sluiced's release") == true)
  }

  @Test func whatIsWrongWithAUserIsToldOnce() throws {
    let user = ProjectName.user(try UserName("alice"), of: try ProjectName("genomics"))
    let gap = LimitGap(account: try AccountName("gen"), tres: nil, reason: "alpha: by partition")
    let standing = Standing(findings: [
      .init(state: .unenforced, reason: gap.reason, gap: gap),
      .init(state: .drift, reason: "alpha: someone else set 9"), .init(state: .moving, reason: "on its way"),
    ])
    let problems = Problem.all(of: user, standing, drift: .report, isSlow: false)
    #expect(
      problems.map(\.message) == ["alpha: someone else set 9"], "his project tells what voids his limit")
    #expect(problems.first?.subject == "user alice of genomics")
    #expect(problems.first?.advice.contains("'sluice project set genomics'") == true)
  }
}
