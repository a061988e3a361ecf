import Foundation
import Model
import RPC
import Testing
import Wire

@testable import Coordinator

@Suite struct MethodTests {
  /// The role of each method stands in one table, which the page prints.
  @Test func aCapOnATypesLicenseIsRefusedInWords() throws {
    let service = try Service()
    defer { service.remove() }
    let license = try TRES("license/training")
    var project = try Service.project("gen")
    project.limits[license] = Amount(units: 20)
    #expect(
      throws: Failure(
        .badParameters,
        "project gen: limits.license/training: this license stands for a type of jobs: write jobs/training")
    ) {
      let _: PlanStep = try service.call("project.set", ProjectSet(project: project))
    }
    project = try Service.project("gen")
    project.perUser = [license: Amount(units: 2)]
    #expect(throws: Failure.self) {
      let _: Plan = try service.call("plan.preview", PlanRequest(projects: [project]))
    }
    project.perUser = [:]
    project.limits[JobType.training.tres] = Amount(units: 20)
    project.limits[try TRES("license/trainings")] = Amount(units: 20)
    let _: PlanStep = try service.call("project.set", ProjectSet(project: project, acceptUnenforced: true))
    service.end()
  }

  @Test func thePageHasEachMethodWithItsRole() throws {
    let page = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/protocol.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
    for method in Method.all {
      let row = rows.first { $0.contains("`\(method.name)`") }
      #expect(row?.contains("| \(method.role.rawValue)") == true, "\(method.name): \(method.role.rawValue)")
    }
  }

  @Test func everyMethodNamesTheFieldThatIsWrong() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    let wrong: [(String, JSONValue, String)] = [
      ("project.list", .object([("limit", .integer(0))]), "limit"),
      ("project.list", .object([("limit", .string("x"))]), "limit"),
      ("project.list", .object([("cursor", .string("a b"))]), "cursor"),
      ("project.get", .object([]), "project"),
      ("project.get", .object([("project", .integer(7))]), "project"),
      ("project.set", .object([]), "project"),
      (
        "project.set",
        .object([
          (
            "project",
            .object([
              ("name", .string("x")), ("limits", .object([("cpu", .integer(-1))])), ("clusters", .object([])),
            ])
          )
        ]), "project.limits.cpu"
      ),
      (
        "project.set",
        .object([
          (
            "project",
            .object([
              ("name", .string("x")), ("limits", .object([("gpus", .integer(1))])), ("clusters", .object([])),
            ])
          )
        ]), "gpus"
      ),
      ("project.delete", .object([("project", .null)]), "project"),
      ("quota.list", .object([("limit", .integer(100_000))]), "limit"),
      ("quota.get", .object([("project", .string(""))]), "project"),
      ("quota.watch", .object([("limit", .integer(-1))]), "limit"),
      ("cluster.list", .object([("limit", .integer(1001))]), "limit"),
      ("cluster.get", .object([]), "cluster"),
      ("cluster.drain", .object([("cluster", .array([]))]), "cluster"),
      ("cluster.resume", .object([("cluster", .bool(true))]), "cluster"),
      ("audit.list", .object([("limit", .integer(0))]), "limit"),
      ("audit.list", .object([("cursor", .string("x"))]), "cursor"),
      ("quota.history", .object([("limit", .integer(5))]), "project"),
      ("quota.history", .object([("project", .string("x")), ("since", .integer(-1))]), "since"),
      ("usage.report", .object([("by", .array([.string("colour")]))]), "by"),
      ("usage.report", .object([("cursor", .string("x"))]), "cursor"),
      ("usage.report", .object([("since", .integer(9)), ("until", .integer(8))]), "until"),
      ("budget.list", .object([("limit", .integer(0))]), "limit"),
      ("budget.get", .object([]), "project"),
      ("budget.credit", .object([("project", .string("x")), ("tres", .object([]))]), "reason"),
      (
        "budget.debit",
        .object([
          ("project", .string("x")), ("tres", .object([("cpu", .integer(-1))])), ("reason", .string("x")),
        ]), "tres.cpu"
      ),
      (
        "project.set",
        .object([
          (
            "project",
            .object([
              ("name", .string("x")), ("limits", .object([("cpu", .integer(1))])), ("clusters", .object([])),
              (
                "budget",
                .object([
                  ("tres", .object([("cpu", .integer(1))])), ("period", .string("month")),
                  ("carryover", .integer(101)),
                ])
              ),
            ])
          )
        ]), "project.budget: carryover"
      ),
      ("plan.preview", .object([]), "projects"),
      ("plan.apply", .object([("projects", .string("x"))]), "projects"),
      ("admin.backup", .object([]), "path"),
      ("admin.backup", .object([("path", .string("backup.sqlite"))]), "path"),
    ]
    for (method, parameters, field) in wrong {
      let failure = #expect(throws: Failure.self, "\(method) \(parameters)") {
        _ = try service.call(method, parameters, as: JSONValue.self)
      }
      #expect(failure?.code == .badParameters, "\(method): \(String(describing: failure))")
      #expect(failure?.message.contains(field) == true, "\(method): \(String(describing: failure))")
    }
    let tested = Set(wrong.map(\.0))
    #expect(
      Method.all.allSatisfy { ["status.get", "admin.check"].contains($0.name) || tested.contains($0.name) })
  }

  @Test func anUnknownMethodIsSaidToBeUnknown() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    let failure = #expect(throws: Failure.self) {
      _ = try service.call("project.explode", Empty(), as: JSONValue.self)
    }
    #expect(failure?.code == .unknownMethod)
  }

  @Test func aRestartLosesNothingAcknowledged() throws {
    let first = try Service()
    defer { first.remove() }
    for number in 0..<25 {
      _ = try first.call(
        "project.set", ProjectSet(project: try Service.project("p\(number)")), as: PlanStep.self)
    }
    let cluster = ClusterRequest(cluster: try ClusterName("beta"), reason: "repair")
    _ = try first.call("cluster.drain", cluster, as: ClusterStatus.self)
    _ = try first.call(
      "project.delete", ProjectRequest(project: try ProjectName("p7")), as: Empty.self)
    let term = try first.call("status.get", Empty(), as: ServiceStatus.self).term
    first.end()

    let second = try Service(keeping: first.folder)
    defer { second.end() }
    let status = try second.call("status.get", Empty(), as: ServiceStatus.self)
    #expect(status.term == term + 1)
    #expect(status.projects.total == 24)
    #expect(status.clusters.map(\.isDrained) == [false, true])
    var names: [String] = []
    var cursor: String?
    repeat {
      let page = try second.call(
        "project.list", PageRequest(limit: 7, cursor: cursor), as: Page<Project>.self)
      names += page.items.map(\.name.text)
      cursor = page.nextCursor
    } while cursor != nil
    #expect(names == (0..<25).map { "p\($0)" }.filter { $0 != "p7" }.sorted())
    let audit = try second.call("audit.list", AuditRequest(limit: 1000), as: Page<AuditEntry>.self).items
    #expect(audit.contains { $0.action == "cluster.drain" && $0.reason == "repair" && $0.who == "root" })
    #expect(audit.filter { $0.action == "project.set" }.count == 25)
  }

  @Test func aPlanTakesATreeInAnyOrder() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    var child = try Service.project("genomics")
    child.parent = try ProjectName("biology")
    var grandchild = try Service.project("reads")
    grandchild.parent = try ProjectName("genomics")
    let request = PlanRequest(projects: [grandchild, child, try Service.project("biology")])
    let plan = try service.call("plan.preview", request, as: Plan.self)
    #expect(plan.steps.map(\.project.text) == ["reads", "genomics", "biology"])
    #expect(plan.isApplicable, "\(plan)")
    #expect(plan.steps[1].changes.contains(FieldChange(field: "parent", from: nil, to: "biology")))
    _ = try service.call("plan.apply", request, as: Plan.self)
    let projects = try service.call("project.list", PageRequest(), as: Page<Project>.self).items
    #expect(projects.map { $0.parent?.text } == [nil, "biology", "genomics"])

    let failure = #expect(throws: Failure.self) {
      _ = try service.call(
        "project.delete", ProjectRequest(project: try ProjectName("genomics")), as: Empty.self)
    }
    #expect(failure?.code == .conflict)
    #expect(failure?.message.contains("reads is below it") == true)
  }

  @Test func aPlanWithARingOfParentsIsRefused() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    var one = try Service.project("one")
    one.parent = try ProjectName("two")
    var two = try Service.project("two")
    two.parent = try ProjectName("one")
    let plan = try service.call("plan.preview", PlanRequest(projects: [one, two]), as: Plan.self)
    #expect(!plan.isApplicable)
    #expect(try service.call("project.list", PageRequest(), as: Page<Project>.self).items.isEmpty)
  }

  @Test func aPlanIsAllOrNothing() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    var bad = try Service.project("bad")
    bad.clusters[try ClusterName("gamma")] = ClusterBinding(account: try AccountName("bad"))
    let request = PlanRequest(projects: [try Service.project("good"), bad])
    let plan = try service.call("plan.preview", request, as: Plan.self)
    #expect(!plan.isApplicable)
    #expect(plan.steps.map(\.action) == [.create, .create])
    #expect(plan.steps[1].refusals.contains { $0.contains("gamma") && $0.contains("alpha, beta") })
    let failure = #expect(throws: Failure.self) {
      _ = try service.call("plan.apply", request, as: Plan.self)
    }
    #expect(failure?.code == .conflict)
    #expect(try service.call("project.list", PageRequest(), as: Page<Project>.self).items.isEmpty)
    let twice = PlanRequest(projects: [try Service.project("a"), try Service.project("a")])
    #expect(throws: Failure.self) { _ = try service.call("plan.preview", twice, as: Plan.self) }
  }

  @Test func watchersHearWhatChanges() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    let watcher = try service.connect()
    defer { watcher.close() }
    let page = try watcher.call("quota.watch", PageRequest(), as: Page<QuotaStatus>.self, timeout: 5)
    #expect(page.items.isEmpty)
    _ = try service.call("project.set", ProjectSet(project: try Service.project("new")), as: PlanStep.self)
    let news = try #require(try watcher.nextNotification(timeout: 5))
    #expect(news.method == "quota.changed")
    #expect(try news.parameters.decode(QuotaChanged.self).quotas.map(\.project.text) == ["new"])
    _ = try service.call("project.delete", ProjectRequest(project: try ProjectName("new")), as: Empty.self)
    let end = try #require(try watcher.nextNotification(timeout: 5))
    #expect(try end.parameters.decode(QuotaChanged.self).gone.map(\.text) == ["new"])
  }
}
