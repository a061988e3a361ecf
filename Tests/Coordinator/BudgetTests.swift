import Foundation
import Ledger
import Model
import RPC
import Synchronization
import Testing
import Wire

@testable import Coordinator

/// Budgets through sluiced's socket, with charges from an agent.
@Suite struct BudgetTests {
  private let genomics: ProjectName

  init() throws { genomics = try ProjectName("gen") }

  private func project(_ whenSpent: WhenSpent = .hold) throws -> Project {
    var project = try Service.project("gen")
    project.budget = try Budget(
      tres: [.cpu: Amount(units: 10)],
      period: .span(from: try CivilDate(parsing: "2020-01-01"), to: try CivilDate(parsing: "2999-12-31")),
      whenSpent: whenSpent)
    return project
  }

  /// Four CPU-hours.
  private func charge(_ job: Int) -> Charge {
    Charge(
      job: "\(job)", submitTime: Timestamp(seconds: 1_793_487_600),
      startTime: Timestamp(seconds: 1_793_487_600), endTime: Timestamp(seconds: 1_793_494_800), seconds: 7200,
      user: "alice", account: "gen", partition: "main", qos: nil, state: "completed",
      allocated: [.cpu: Amount(units: 2)])
  }

  private func budget(_ service: Service) throws -> BudgetTRES {
    let status = try service.call("budget.get", ProjectRequest(project: genomics), as: BudgetStatus.self)
    return try #require(status.tres.first)
  }

  private func wait(
    _ service: Service, _ what: String, until isSo: (BudgetTRES) -> Bool
  ) throws -> BudgetTRES {
    let end = ContinuousClock.now + .seconds(20)
    while true {
      let line = try budget(service)
      if isSo(line) { return line }
      try #require(ContinuousClock.now < end, "\(what): \(line)")
      usleep(20_000)
    }
  }

  private func change(_ hours: Int64, _ reason: String = "why") throws -> BudgetChange {
    BudgetChange(project: genomics, tres: [.cpu: Amount(units: hours)], reason: reason)
  }

  private func code(_ body: () throws -> Void) -> FailureCode? {
    do {
      try body()
      return nil
    } catch {
      return (error as? Failure)?.code
    }
  }

  /// The forecast goes with the time of day.
  private func withoutForecast(_ line: BudgetTRES) -> BudgetTRES {
    var line = line
    line.runsOut = nil
    return line
  }

  @Test func isSpentByChargesAndOpenedByACreditAlsoAfterARestart() throws {
    let service = try Service()
    defer { service.remove() }
    _ = try service.call("project.set", ProjectSet(project: try project()), as: PlanStep.self)
    let agent = Biller()
    agent.state.withLock { state in
      state.charges = [charge(1), charge(2), charge(3)]
      state.overlap = 2
    }
    let server = try agent.serve(in: service.folder)
    defer { server.stop() }
    let line = try wait(service, "12 hours are charged, each job once") { $0.charged == Amount(units: 12) }
    #expect(line.isSpent && line.left == .zero)
    let spent = try service.call("quota.get", ProjectRequest(project: genomics), as: QuotaStatus.self)
    #expect(spent.state == .spent && spent.budget?.tres == [line])
    #expect(
      spent.reasons.first?.hasPrefix("project gen has spent its budget of 10 cpu-hours for 2020-01-01")
        == true)
    let status = try service.call("status.get", Empty(), as: ServiceStatus.self)
    #expect(status.projects.spent == 1)
    #expect(status.problems.contains { $0.subject == "project gen" && $0.advice.contains("budget credit") })

    let credited = try service.call("budget.credit", try change(5, "nodes failed"), as: BudgetStatus.self)
    #expect(credited.tres.first?.left == Amount(units: 3))
    let open = try service.call("quota.get", ProjectRequest(project: genomics), as: QuotaStatus.self)
    #expect(open.state != .spent)
    _ = try service.call("budget.debit", try change(1), as: BudgetStatus.self)
    let history = try service.call(
      "quota.history", QuotaHistoryRequest(project: genomics), as: Page<AuditEntry>.self
    ).items.filter { $0.action.hasPrefix("budget") }
    #expect(history.map(\.action) == ["budget.debit", "budget", "budget.credit", "budget"])
    #expect(history.map(\.to) == ["cpu=1h", "open", "cpu=5h", "spent: cpu"])
    let before = try budget(service)
    service.end()

    let again = try Service(keeping: service.folder)
    defer { again.end() }
    #expect(withoutForecast(try budget(again)) == withoutForecast(before))
    let kept = try again.call(
      "quota.history", QuotaHistoryRequest(project: genomics), as: Page<AuditEntry>.self)
    #expect(kept.items.count { $0.action == "budget" } == 2, "a restart is no news")
    #expect(try again.call("admin.check", Empty(), as: LedgerReport.self).findings == [])
  }

  @Test func whoIsBelowIsToldWhatHoldsHim() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    var child = try Service.project("child")
    child.parent = genomics
    _ = try service.call("project.set", ProjectSet(project: try project()), as: PlanStep.self)
    _ = try service.call(
      "project.set", ProjectSet(project: child, acceptUnenforced: true), as: PlanStep.self)
    _ = try service.call("budget.debit", try change(10), as: BudgetStatus.self)
    let status = try service.call("quota.get", ProjectRequest(project: child.name), as: QuotaStatus.self)
    #expect(status.state != .spent)
    #expect(status.reasons.contains { $0.hasPrefix("project gen has spent its budget of 0 cpu-hours") })
  }

  @Test func creditsAreCheckedInWords() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    _ = try service.call(
      "project.set", ProjectSet(project: try Service.project("none")), as: PlanStep.self)
    _ = try service.call("project.set", ProjectSet(project: try project()), as: PlanStep.self)
    func credit(_ request: BudgetChange) -> FailureCode? {
      code { _ = try service.call("budget.credit", request, as: BudgetStatus.self) }
    }
    #expect(credit(try change(1, " ")) == .badParameters)
    #expect(credit(try change(0)) == .badParameters)
    #expect(credit(try change(1 << 51)) == .badParameters)
    #expect(credit(BudgetChange(project: genomics, tres: [:], reason: "x")) == .badParameters)
    #expect(
      credit(BudgetChange(project: genomics, tres: [.gpu: Amount(units: 1)], reason: "x")) == .conflict)
    #expect(
      credit(BudgetChange(project: try ProjectName("none"), tres: [.cpu: Amount(units: 1)], reason: "x"))
        == .notFound)
    #expect(try budget(service).credited == .zero)
  }

  @Test func aPlanTellsWhatChangesInABudget() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    _ = try service.call(
      "project.set", ProjectSet(project: try Service.project("gen")), as: PlanStep.self)
    let plan = try service.call("plan.preview", PlanRequest(projects: [try project(.deny)]), as: Plan.self)
    #expect(
      plan.steps.first?.changes.map { "\($0.field): \($0.from ?? "") -> \($0.to ?? "")" } == [
        "budget.carryover:  -> 0%", "budget.period:  -> 2020-01-01 to 2999-12-31", "budget.tres.cpu:  -> 10h",
        "budget.when_spent:  -> deny",
      ])
    #expect(try service.call("budget.list", PageRequest(), as: Page<BudgetStatus>.self).items == [])
  }
}
