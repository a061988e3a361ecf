import Core
import Model
import Quota
import Testing

/// What happens after a backup was put in place: the agents may still read lines that its ledger doesn't know.
@Suite struct OlderLedgerTests {
  private let work = [Int](repeating: 1, count: 50)

  private func world() -> World {
    var world = World(cap: 8, limits: [nil, nil])
    world.setProject(cap: 8)
    world.settle()
    return world
  }

  /// Comes back with `old`, and asks nobody yet.
  private func recover(_ world: inout World, from old: State) {
    world.restore(old)
    world.now += 60_000
    world.feed(.recover)
  }

  @Test func whatALostWriteLoweredAfterItWasReadIsNotPutBack() {
    var world = world()
    let (first, second) = (world.clusters[0], world.clusters[1])
    let old = world.state
    first.waiting = work
    for _ in 0..<12 where second.mail.isEmpty {
      world.now += 500
      world.feed(.tick)
      first.start()
      world.report(first)
      world.report(second)
    }
    #expect(second.mail.map(\.limit) == [0], "the shrink is on its way")
    first.waiting = []
    first.running = []
    recover(&world, from: old)
    first.limit = 64
    world.link(first)
    world.link(second)
    #expect(second.limit == 4, "and was read before it landed")
    while !second.mail.isEmpty {
      world.execute(second, answering: true)
      #expect(second.limit == 0, "the other may use 64")
    }
    world.settle()
    #expect(world.clusters.map(\.limit).reduce(0) { $0 + ($1 ?? 64) } == 8)
  }

  @Test func aRecoveryTakesNothingAwayThatLedgerAndClustersHave() {
    var world = world()
    recover(&world, from: world.state)
    world.link(world.clusters[0])
    #expect(
      world.state.standing(of: World.project).reasons.first
        == "c0: the ledger is an older copy, so what it has there is being read")
    for rounds in 0..<20 {
      // The second doesn't answer at first.
      world.settle(rounds: 1, only: rounds < 10 ? [0] : nil)
      #expect(world.clusters.map(\.limit) == [4, 4])
    }
    #expect(world.state.standing(of: World.project).state == .ok)
  }

  @Test func aProjectThatIsMadeAfterARecoveryAndARestartWaitsForLostWritesToo() {
    var world = World(cap: 8, limits: [nil, nil], exists: false)
    world.now = 1_000_000
    world.clusters[0].mail = [(WriteNumber(term: 1, sequence: 1), 8)]
    world.feed(.recover)
    world.crash()
    world.setProject(cap: 8)
    world.link(world.clusters[0])
    world.clusters[1].waiting = work
    world.settle(only: [1])
    #expect(world.clusters[1].used == 0, "the first may still be given all 8")
    world.settle()
    #expect(world.clusters.map(\.used) == [0, 8])
  }

  @Test func capsThatAreExchangedInDoubtStillComeToRest() {
    var world = UserWorld()
    world.link()
    world.set(perUser: nil, members: [])
    world.settle()
    world.feed(.recover)
    var project = world.grant(perUser: nil, members: [])
    project.limits = [.gpu: Amount(units: 4)]
    world.feed(.setProject(project, acceptsUnenforced: false))
    world.settle()
    #expect(world.state.standing(of: UserWorld.project).reasons == [])
    #expect(world.clusters.allSatisfy { $0.limits[UserWorld.account]?.names == [.gpu] })
  }

  @Test func aClusterThatIsAddedAndDoesNotAnswerTakesNothingFromTheOthers() {
    var world = World(cap: 8, limits: [nil, nil])
    let (first, second) = (world.clusters[0], world.clusters[1])
    world.clusters = [first]
    world.setProject(cap: 8)
    world.settle()
    #expect(first.limit == 8)
    world.clusters = [first, second]
    world.setProject(cap: 8)
    world.settle(only: [0])
    #expect(first.limit == 8)
  }
}
