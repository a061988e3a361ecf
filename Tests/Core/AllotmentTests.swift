import Core
import Model
import Quota
import Testing

@Suite struct AllotmentTests {
  private func allotments(_ world: World) -> [Int64] {
    world.clusters.map {
      (world.state.share(of: World.project, in: $0.name)?.allotment[.cpu] ?? .zero).units
    }
  }

  private func world(cap: Int = 8, limits: [Int?] = [nil, nil]) -> World {
    var world = World(cap: cap, limits: limits)
    world.setProject(cap: cap)
    world.settle()
    return world
  }

  @Test func takesInAccountsWithoutLimits() {
    let world = world()
    #expect(allotments(world) == [4, 4])
    #expect(world.clusters.map(\.limit) == [4, 4])
    #expect(world.state.standing(of: World.project).state == .ok)
  }

  @Test func createsAccountsWithTheirLimit() {
    var world = World(cap: 8, limits: [nil, nil], exists: false)
    world.setProject(cap: 8)
    world.settle()
    #expect(world.clusters.map(\.limit) == [4, 4])
  }

  @Test func followsTheDemand() {
    var world = world()
    world.clusters[0].waiting = [Int](repeating: 1, count: 50)
    world.settle()
    #expect(world.clusters[0].used == 8)
    #expect(allotments(world) == [8, 0])
  }

  @Test func givesTheSecondItsPartAsJobsEnd() {
    var world = world()
    world.clusters[0].waiting = [Int](repeating: 1, count: 50)
    world.settle()
    world.clusters[1].waiting = [Int](repeating: 1, count: 50)
    world.settle()
    #expect(world.clusters.map(\.used) == [8, 0], "nothing has ended, so nothing moves")
    #expect(allotments(world) == [4, 0])
    for left in (4..<8).reversed() {
      world.clusters[0].running.removeLast()
      world.settle()
      #expect(world.clusters.map(\.used) == [left, 8 - left])
    }
  }

  @Test func jobsWiderThanTheirSharesStartOneAfterTheOther() {
    var world = world()
    for cluster in world.clusters { cluster.waiting = [6] }
    world.settle(rounds: 60)
    #expect(world.clusters.map(\.used) == [6, 0], "one of them gets the room")
    world.clusters[0].running = []
    world.settle(rounds: 60)
    #expect(world.clusters.map(\.used) == [0, 6], "and then the other")
  }

  @Test func aJobThatCanNeverStartKeepsNobodyFromHisPart() {
    var world = world()
    world.clusters[1].waiting = [50]
    world.settle(rounds: 60)
    world.clusters[0].waiting = [Int](repeating: 1, count: 50)
    world.settle(rounds: 160)
    #expect(world.clusters[0].used >= 4)
  }

  @Test func anUnreachableClusterKeepsItsPart() {
    var world = world()
    world.unlink(world.clusters[0])
    world.clusters[1].waiting = [Int](repeating: 1, count: 50)
    for _ in 0..<40 {
      world.now += 500
      world.feed(.tick)
      world.execute(world.clusters[1], answering: true)
      world.clusters[1].start()
      world.report(world.clusters[1])
    }
    #expect(world.clusters[1].used == 4)
    #expect(allotments(world) == [4, 4])
    world.settle()
    #expect(world.clusters[1].used == 8, "back again, it moves")
  }

  @Test func aLoweredCapEndsNothingAndGrowsNothing() {
    var world = world()
    world.clusters[0].waiting = [Int](repeating: 1, count: 50)
    world.settle()
    world.setProject(cap: 4)
    world.settle()
    #expect(world.clusters[0].used == 8)
    #expect(world.state.standing(of: World.project).state == .over)
    world.clusters[0].running.removeLast(5)
    world.clusters[0].waiting = []
    world.settle()
    #expect(world.state.standing(of: World.project).state == .ok)
    #expect(world.clusters[0].used == 3)
  }

  @Test func putsBackWhatSomeoneElseSet() {
    var world = world()
    world.clusters[0].limit = 50
    world.report(world.clusters[0])
    #expect(world.state.standing(of: World.project).state == .drift)
    #expect(world.state.projects[World.project]?.inForce(.cpu) == Amount(units: 54))
    world.settle()
    #expect(world.clusters[0].limit == 4)
    #expect(world.state.standing(of: World.project).state == .ok)
  }

  @Test func anOldLimitThatCameWithAStartOfTheControllerIsToldAsSuch() {
    var world = world()
    world.clusters[0].limit = 50
    world.clusters[0].boot += 1
    world.report(world.clusters[0])
    let standing = world.state.standing(of: World.project)
    #expect(standing.state == .drift)
    #expect(
      standing.reasons.contains { $0.contains("its controller started anew with an old limit, cpu=50") })
    #expect(world.state.projects[World.project]?.inForce(.cpu) == Amount(units: 54))
    world.settle()
    #expect(world.clusters[0].limit == 4)
    #expect(world.state.standing(of: World.project).reasons == [])
  }

  /// What finds no room at submission is refused, and never seen to wait.
  @Test func submittedJobsHaveRoomAheadOfThem() throws {
    let (alpha, beta) = (name("alpha", ClusterTag.self), name("beta", ClusterTag.self))
    var bindings = NameMap<ClusterTag, ClusterBinding>()
    for cluster in [alpha, beta] { bindings[cluster] = ClusterBinding(account: World.account) }
    let project = Project(
      name: World.project, limits: [.submittedJobs: Amount(units: 1000)], clusters: bindings)
    var state = State(
      term: 1, projects: [], clusters: [alpha, beta], drained: [], lastWrites: NameMap(),
      driftPolicy: .restore)
    var serial: Int64 = 0
    var applied: [ClusterName: WriteNumber] = [:]
    func look(_ cluster: ClusterName, submitted: Int64) {
      serial += 1
      let capacity: TRESAmounts = [.submittedJobs: Amount(units: 10_000)]
      let head = Report.Head(
        serial: serial, bootTime: Timestamp(seconds: 1), age: 0,
        applied: applied[cluster], isSettled: true, capacity: capacity, free: capacity,
        voids: [])
      let limits = state.share(of: World.project, in: cluster)?.allotment ?? [:]
      let sighting = Sighting(
        accountExists: true, limits: limits, used: [.submittedJobs: Amount(units: submitted)], pending: [:],
        runningJobs: 0, pendingJobs: 0)
      let report = Report(head: head, accounts: [Report.Row(account: World.account, sighting: sighting)])
      for effect in state.step(.report(cluster, report), at: Timestamp(seconds: serial)).effects {
        guard case .write(let cluster, let number, _) = effect else { continue }
        applied[cluster] = number
        _ = state.step(.writeEnded(cluster, number, .taken(failures: [:])), at: Timestamp(seconds: serial))
      }
    }
    for cluster in [alpha, beta] {
      _ = state.step(.linked(cluster, lastWrite: nil), at: Timestamp(seconds: 0))
    }
    _ = state.step(.setProject(project, acceptsUnenforced: false), at: Timestamp(seconds: 0))
    for _ in 0..<20 { for cluster in [alpha, beta] { look(cluster, submitted: 0) } }
    for _ in 0..<20 {
      look(alpha, submitted: 480)
      look(beta, submitted: 100)
    }
    let allotment = try #require(state.share(of: World.project, in: alpha)?.allotment)
    #expect(allotment.used(.submittedJobs) >= Amount(units: 600))
    #expect(state.projects[World.project]?.inForce(.submittedJobs) ?? .zero <= Amount(units: 1000))
  }

  @Test func aDrainedClusterGetsNothing() {
    var world = world()
    world.feed(.drain(world.clusters[0].name, true))
    world.settle()
    #expect(allotments(world) == [0, 8])
    world.feed(.drain(world.clusters[0].name, false))
    world.clusters[0].waiting = [1]
    world.settle()
    #expect(world.clusters[0].used == 1)
  }

  @Test func aClusterThatLeavesGivesAllBack() {
    var world = world()
    let stays = world.clusters[1].name
    let project = Project(
      name: World.project, limits: [.cpu: Amount(units: 8)],
      clusters: [stays: ClusterBinding(account: World.account)])
    world.feed(.setProject(project, acceptsUnenforced: false))
    world.settle()
    #expect(allotments(world) == [0, 8])
  }

  @Test func spreadsIdleSharesAgainAfterAWhile() {
    var world = world()
    world.clusters[0].waiting = [Int](repeating: 1, count: 8)
    world.settle()
    world.clusters[0].running = []
    world.settle(rounds: 20)
    #expect(allotments(world) == [8, 0], "idle, but nobody needs it")
    world.settle(rounds: 100)
    #expect(allotments(world) == [4, 4])
  }

  @Test func growthWaitsForTheConfirmationOfTheShrink() {
    var world = world()
    world.clusters[0].waiting = [Int](repeating: 1, count: 50)
    // c0 asks, so c1 is to shrink; but c1's write hangs.
    for _ in 0..<40 {
      world.now += 500
      world.execute(world.clusters[0], answering: true)
      world.clusters[0].start()
      world.report(world.clusters[0])
      world.report(world.clusters[1])
    }
    #expect(world.clusters[0].used == 4)
    #expect(
      world.state.share(of: World.project, in: world.clusters[1].name)?.inForce[.cpu] == Amount(units: 4))
    world.settle()
    #expect(world.clusters[0].used == 8)
  }

  @Test func aShareThatCannotBeWrittenHoldsUpNoOther() throws {
    var world = world()
    let cluster = world.clusters[0].name
    let other = name("other", ProjectTag.self)
    let account = name("other", AccountTag.self)
    let project = Project(
      name: other, limits: [.cpu: Amount(units: 4)], clusters: [cluster: ClusterBinding(account: account)])
    world.feed(.setProject(project, acceptsUnenforced: false))
    let nothing = Sighting(
      accountExists: false, limits: [:], used: [:], pending: [:], runningJobs: 0, pendingJobs: 0)
    let head = try #require(world.state.clusters[cluster]?.head)
    let row = Report.Row(account: account, sighting: nothing)
    let step = world.state.step(.report(cluster, Report(head: head, accounts: [row])), at: world.time)
    guard case .write(_, let number, [other]) = step.effects.last else {
      Issue.record("no write: \(step.effects)")
      return
    }
    world.feed(.writeEnded(cluster, number, .taken(failures: [account: "the TRES is not tracked"])))
    #expect(world.state.standing(of: other).reasons.contains { $0.contains("not tracked") })
    world.clusters[0].waiting = [Int](repeating: 1, count: 8)
    world.settle(rounds: 4)
    #expect(world.clusters[0].limit == 8, "the first project's share moves all the same")
  }

  @Test func aNewLedgerTermStaysAboveWhatTheAgentSaw() {
    var world = World(cap: 8, limits: [nil, nil])
    world.clusters[0].highest = WriteNumber(term: 9, sequence: 3)
    world.setProject(cap: 8)
    world.settle()
    #expect(world.state.term == 10)
    #expect(world.clusters.map(\.limit) == [4, 4])
  }

  @Test func namesWhatVoidsALimit() throws {
    var world = world()
    let head = Report.Head(
      serial: 0,
      bootTime: Timestamp(seconds: 1), age: 0, applied: nil, isSettled: true, capacity: [:], free: [:],
      voids: [LimitGap(account: World.account, tres: .cpu, reason: "QOS 'big' has its own GrpTRES")])
    world.feed(.report(world.clusters[0].name, Report(head: head, accounts: [])))
    let standing = world.state.standing(of: World.project)
    #expect(standing.state == .unenforced)
    #expect(standing.reasons.contains { $0.contains("'big'") })
    let project = try #require(world.state.projects[World.project]?.project)
    #expect(!world.state.findings(for: project, acceptsUnenforced: false).refusals.isEmpty)
    #expect(world.state.findings(for: project, acceptsUnenforced: true).refusals.isEmpty)
  }

  @Test func aRestoredLedgerGrowsNothingBeforeEachClusterWasReadAgain() {
    var world = world()
    let old = world.state
    world.clusters[0].waiting = [Int](repeating: 1, count: 50)
    world.settle()
    #expect(world.clusters.map(\.limit) == [8, 0])
    world.restore(old)
    world.feed(.recover)
    world.link(world.clusters[1])
    world.clusters[1].waiting = [Int](repeating: 1, count: 50)
    world.settle(only: [1])
    #expect(world.clusters.map(\.used) == [8, 0], "the other has not told that it holds all")
    world.clusters[0].running = []
    world.clusters[0].waiting = []
    world.settle()
    #expect(world.clusters.map(\.used) == [0, 8])
  }

  @Test func anOlderLedgerIsNoticedByTheWritesThatItDoesNotKnow() {
    var world = world()
    let old = world.state
    world.clusters[1].waiting = [Int](repeating: 1, count: 50)
    world.settle()
    #expect(world.clusters.map(\.limit) == [0, 8])
    world.restore(old)
    world.link(world.clusters[1])
    #expect(world.state.term > old.term, "its writes must not be refused")
    #expect(world.state.projects[World.project]?.inForce(.cpu) == .unbounded)
    world.settle()
    #expect(world.clusters.map(\.limit) == [0, 8])
    #expect(world.state.standing(of: World.project).state == .ok)
  }

  @Test func anOlderViewIsNotTakenAfterANewerOne() {
    var world = world()
    let cluster = world.clusters[0]
    cluster.limit = 20
    world.report(cluster, serial: 8)
    cluster.limit = 4
    world.report(cluster, serial: 7)
    #expect(world.state.share(of: World.project, in: cluster.name)?.seen?.limits == [.cpu: Amount(units: 20)])
    world.report(cluster, serial: 9)
    #expect(world.state.share(of: World.project, in: cluster.name)?.seen?.limits == [.cpu: Amount(units: 4)])
  }

  @Test func whatWasReadUnsettledIsProvenOnceAllIsSettled() {
    var world = world()
    world.clusters[0].waiting = [Int](repeating: 1, count: 50)
    world.settle()
    #expect(allotments(world) == [8, 0])
    // The shrink of the first is written and shown, while something could still take effect there.
    world.clusters[0].running = []
    world.clusters[0].waiting = []
    world.clusters[0].isSettled = false
    world.clusters[1].waiting = [Int](repeating: 1, count: 50)
    world.settle()
    #expect(world.clusters.map(\.limit) == [0, 0], "nothing grows before it is settled")
    world.clusters[0].isSettled = true
    world.settle(rounds: 3)
    #expect(world.clusters[1].used == 8, "no account has changed, and yet all is proven now")
  }
}
