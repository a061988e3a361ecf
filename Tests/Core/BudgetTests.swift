import Core
import Model
import Quota
import Testing

/// What a spent budget does to a project's allotments.
@Suite struct BudgetTests {
  private func spent(_ tres: TRES = .cpu) -> Input {
    .budget(
      World.project,
      spent: [
        SpentBudget(
          tres: tres, budget: Amount(units: 10), charged: Amount(units: 9), held: Amount(units: 1),
          period: "2026 Q4", isCurrent: true, renews: "2027-01-01")
      ])
  }

  private func world(
    limits: TRESAmounts = [.cpu: Amount(units: 8)], _ whenSpent: WhenSpent = .hold
  ) throws -> World {
    var world = World(cap: 8, limits: [0, 0])
    for cluster in world.clusters { world.link(cluster) }
    var bindings = NameMap<ClusterTag, ClusterBinding>()
    for cluster in world.clusters { bindings[cluster.name] = ClusterBinding(account: World.account) }
    let budget = try Budget(tres: [.cpu: Amount(units: 10)], period: .every(.quarter), whenSpent: whenSpent)
    let project = Project(name: World.project, limits: limits, budget: budget, clusters: bindings)
    world.feed(.setProject(project, acceptsUnenforced: false))
    world.clusters[0].waiting = [3, 4]
    world.settle()
    #expect(world.clusters[0].used == 7)
    world.clusters[0].waiting = [1]
    return world
  }

  private func allotted(_ world: World) -> [Amount?] {
    world.clusters.map { world.state.share(of: World.project, in: $0.name)?.allotment[.cpu] }
  }

  @Test func whatRunsGoesOnAndNothingMoreStarts() throws {
    var world = try world()
    world.feed(spent())
    world.settle()
    #expect(allotted(world) == [.zero, .zero])
    #expect(world.clusters.map(\.limit) == [0, 0] && world.clusters[0].used == 7)
    #expect(world.state.projects[World.project]?.inForce(.cpu) == Amount(units: 7), "as much as runs")
    // With a limit at what runs, the one that waits would start as soon as one ends.
    world.clusters[0].running.removeFirst()
    world.settle()
    #expect(world.clusters[0].used == 4 && world.clusters[0].waiting == [1])
    let standing = world.state.standing(of: World.project)
    #expect(standing.state == .spent)
    #expect(
      standing.reasons == [
        "project demo has spent its budget of 10 cpu-hours for 2026 Q4: 9 used, 1 held for what runs, 0 left; "
          + "it begins anew on 2027-01-01; what runs goes on, and nothing more that uses it starts"
      ])
  }

  @Test func itOpensAgain() throws {
    var world = try world()
    world.feed(spent())
    world.settle()
    world.feed(.budget(World.project, spent: []))
    world.settle()
    #expect(world.clusters[0].used == 8 && world.state.standing(of: World.project).state == .ok)
  }

  @Test func whoIsOnlyToldGoesOn() throws {
    var world = try world(.notify)
    world.feed(spent())
    world.settle()
    #expect(world.clusters[0].used == 8)
    #expect(world.state.standing(of: World.project).state == .spent)
  }

  @Test func onlyWhatIsSpentIsHeldWhereItHasACap() throws {
    var both = try world(limits: [.cpu: Amount(units: 8), .gpu: Amount(units: 8)])
    both.feed(spent(.gpu))
    let quota = try #require(both.state.projects[World.project])
    let h100 = try TRES("gres/gpu:h100")
    #expect(quota.isHeld(.gpu) && quota.isHeld(h100) && !quota.isHeld(.cpu))
    both.feed(spent(.billing))
    let all = try #require(both.state.projects[World.project])
    #expect(all.isHeld(.gpu) && all.isHeld(.cpu) && !all.isHeld(.submittedJobs), "nothing else holds it")
  }

  @Test func aBudgetOfWhatHasNoCapIsWarnedOf() throws {
    var world = try world()
    var project = try #require(world.state.projects[World.project]?.project)
    func warnings() -> [String] {
      world.state.findings(for: project, acceptsUnenforced: false).warnings.filter { $0.contains("budget") }
    }
    #expect(warnings() == [])
    project.limits = [.gpu: Amount(units: 4), .submittedJobs: Amount(units: 100)]
    let held = "it is held by the caps on gres/gpu alone, and jobs that use none of these go on to start"
    #expect(
      warnings()
        == ["budget.tres.cpu: there is no cap on it; when it is spent, \(held): give 'limits' one of cpu"])
    project.limits = [.submittedJobs: Amount(units: 100)]
    #expect(warnings().first?.contains("when it is spent, nothing holds it") == true)
    project.budget?.whenSpent = .notify
    #expect(warnings() == [])
    world.feed(spent(.billing))
    let reasons = world.state.standing(of: World.project).reasons
    #expect(reasons.first?.contains("without a cap on billing, it is held by the caps on cpu alone") == true)
  }

  @Test func carryoverCountsFromWhenTheBudgetGotItsPeriods() throws {
    var world = try world()
    func since() -> Timestamp? { world.state.projects[World.project]?.budgetSince }
    let first = since()
    #expect(first != nil)
    var project = try #require(world.state.projects[World.project]?.project)
    project.budget?.whenSpent = .deny
    world.feed(.setProject(project, acceptsUnenforced: false))
    #expect(since() == first)
    project.budget?.period = .every(.month)
    world.feed(.setProject(project, acceptsUnenforced: false))
    #expect(since() == world.time)
    project.budget = nil
    world.feed(.setProject(project, acceptsUnenforced: false))
    #expect(since() == nil)
  }
}
