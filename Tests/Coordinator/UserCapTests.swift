import Core
import Model
import Quota
import Testing
import Wire

@testable import Coordinator

/// Caps per user, as clients see them.
@Suite struct UserCapTests {
  private func project(perUser: Int64?, members: [String] = ["alice", "bob"]) throws -> Project {
    var project = try Service.project("genomics")
    project.perUser = perUser.map { [.cpu: Amount(units: $0)] } ?? [:]
    project.members = [:]
    for member in members { project.members[try UserName(member)] = .user }
    return project
  }

  private func set(_ project: Project, in service: Service) throws -> PlanStep {
    try service.call("project.set", ProjectSet(project: project))
  }

  @Test func theyAreShownWithTheirProjectAndNowhereElse() throws {
    let service = try Service()
    defer { service.remove() }
    let step = try set(try project(perUser: 4), in: service)
    #expect(step.changes.contains(FieldChange(field: "per_user.cpu", from: nil, to: "4")))
    #expect(try set(try project(perUser: 4), in: service).action == .keep)
    let projects: Page<Project> = try service.call("project.list", PageRequest())
    #expect(projects.items.map(\.name.text) == ["genomics"])
    #expect(projects.items.first?.perUser == [.cpu: Amount(units: 4)])
    let quotas: Page<QuotaStatus> = try service.call("quota.list", PageRequest())
    #expect(quotas.items.count == 1 && quotas.items[0].users == nil)
    let status: ServiceStatus = try service.call("status.get", Empty())
    #expect(status.projects.total == 1)
    let quota: QuotaStatus = try service.call("quota.get", QuotaRequest(project: try ProjectName("genomics")))
    #expect(quota.users?.map(\.user.text) == ["alice", "bob"])
    #expect(quota.users?.first?.tres.map(\.cap) == [Amount(units: 4)])
    service.end()
  }

  @Test func oneUserMayBeAskedFor() throws {
    let service = try Service()
    defer { service.remove() }
    _ = try set(try project(perUser: 4), in: service)
    let genomics = try ProjectName("genomics")
    let quota: QuotaStatus = try service.call(
      "quota.get", QuotaRequest(project: genomics, user: try UserName("bob")))
    #expect(quota.users?.map(\.user.text) == ["bob"])
    #expect(throws: Failure.self) {
      let _: QuotaStatus = try service.call(
        "quota.get", QuotaRequest(project: genomics, user: try UserName("dave")))
    }
    service.end()
  }

  @Test func aUsersQuotaCantBeNamedFromOutside() throws {
    let service = try Service()
    defer { service.remove() }
    _ = try set(try project(perUser: 4), in: service)
    for method in ["project.get", "quota.get", "project.delete", "quota.history"] {
      #expect(throws: Failure.self, "\(method)") {
        let _: JSONValue = try service.call(method, ["project": "genomics:alice"])
      }
    }
    service.end()
  }

  @Test func theLedgerKeepsThemAndIsSound() throws {
    let service = try Service()
    defer { service.remove() }
    _ = try set(try project(perUser: 4), in: service)
    _ = try set(try project(perUser: 4, members: ["bob", "carol"]), in: service)
    service.end()
    let again = try Service(keeping: service.folder)
    let quota: QuotaStatus = try again.call("quota.get", QuotaRequest(project: try ProjectName("genomics")))
    #expect(quota.users?.map(\.user.text) == ["bob", "carol"], "nothing of alice's was ever written")
    let report: LedgerReport = try again.call("admin.check", Empty())
    #expect(report.findings.isEmpty)
    #expect(report.notes.first?.hasPrefix("projects: 1,") == true)
    _ = try again.call(
      "project.delete", ProjectRequest(project: try ProjectName("genomics")), as: Empty.self)
    let after: LedgerReport = try again.call("admin.check", Empty())
    #expect(after.findings.isEmpty)
    #expect(after.notes.first?.hasPrefix("projects: 0,") == true)
    again.end()
  }

  @Test func anAgentIsTheOneThatMakesMembersWithTheirLimits() throws {
    let cluster = try ClusterName("alpha")
    let (alice, asmith) = (try UserName("alice"), try UserName("asmith"))
    var state = Core.State(
      term: 1, projects: [], clusters: [cluster], drained: [], lastWrites: [:], driftPolicy: .restore,
      userMap: [cluster: [alice: asmith]])
    let now = Timestamp(seconds: 1)
    let genomics = try ProjectName("genomics")
    let names = [genomics, .user(alice, of: genomics)]
    let number = WriteNumber(term: 1, sequence: 1)
    _ = state.step(
      .setProject(try project(perUser: 4, members: ["alice"]), acceptsUnenforced: false), at: now)
    let held = LimitWrite(number, of: names, in: cluster, from: state).changes
    #expect(held.map(\.users) == [[], []], "a member's association comes with his limit")
    #expect(held.last?.account == .user(asmith, of: try AccountName("genomics")))
    _ = state.step(
      .setProject(try project(perUser: nil, members: ["alice"]), acceptsUnenforced: false), at: now)
    #expect(LimitWrite(number, of: [genomics], in: cluster, from: state).changes.map(\.users) == [[asmith]])
  }

  @Test func agentsHoldSubmissionsToThem() throws {
    let cluster = try ClusterName("alpha")
    var state = Core.State(
      term: 1, projects: [], clusters: [cluster], drained: [], lastWrites: [:], driftPolicy: .restore)
    _ = state.step(
      .setProject(try project(perUser: 4), acceptsUnenforced: false), at: Timestamp(seconds: 1))
    var book = AdmissionBook()
    let hello = AgentHello(
      cluster: cluster, kind: "slurm", agentVersion: "0", clusterVersion: nil, libraryVersion: "0",
      bootTime: nil, capabilities: [AgentHello.admission], voids: [], problems: [], lastWrite: nil)
    let rules = book.begin(cluster, hello, in: state).flatMap(\.accounts)
    #expect(rules.map(\.account.text) == ["genomics"], "users' quotas have no rules of their own")
    #expect(rules.first?.holders.map(\.isPerUser) == [nil, true])
    #expect(rules.first?.holders.last?.caps == [.cpu: Amount(units: 4)])
  }
}
