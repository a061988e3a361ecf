import Core
import Model
import Quota
import Testing

@Suite struct UserCapTests {
  private func world(perUser: Int64? = 8, members: [String] = ["alice", "bob"]) -> UserWorld {
    var world = UserWorld()
    world.link()
    world.set(perUser: perUser, members: members)
    world.settle()
    return world
  }

  @Test func eachMemberGetsTheCapOverBothClusters() {
    let world = world()
    #expect(world.cpus(of: "alice") == 8)
    #expect(world.cpus(of: "bob") == 8)
    #expect(world.limits(of: "alice").allSatisfy { $0 != nil }, "an association is made where there is none")
    #expect(world.state.users(of: UserWorld.project).map(\.text) == ["alice", "bob"])
  }

  @Test func quotasOfUsersAreNoProjects() {
    let world = world()
    #expect(world.state.projectNames == [UserWorld.project])
    #expect(world.state.quotaNames.count == 3)
    #expect(world.state.children(of: UserWorld.project).isEmpty)
    #expect(world.state.standing(of: UserWorld.project).state == .ok)
  }

  @Test func aUserNeverHasMoreThanHisCapAndAnotherStillRuns() {
    var world = world()
    for cluster in world.clusters {
      cluster.waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 20)
    }
    world.settle(rounds: 60) { #expect($0.used(by: "alice") <= 8) }
    #expect(world.used(by: "alice") == 8)
    world.clusters[0].waiting.append(("bob", 4))
    world.settle()
    #expect(world.used(by: "bob") == 4)
  }

  @Test func demandMovesAUsersCapToWhereHeWaits() {
    var world = world()
    world.clusters[1].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 20)
    world.settle(rounds: 60) { #expect($0.used(by: "alice") <= 8) }
    #expect(world.clusters[1].used(by: "alice") == 8)
  }

  @Test func aLoweredCapHoldsAsJobsEnd() {
    var world = world()
    world.clusters[0].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 20)
    world.settle(rounds: 60)
    world.set(perUser: 3, members: ["alice", "bob"])
    world.settle()
    #expect(world.used(by: "alice") == 8, "nothing is ended")
    world.clusters[0].running.removeLast(7)
    world.settle { #expect($0.used(by: "alice") <= 3) }
    #expect(world.used(by: "alice") == 3)
    #expect(world.cpus(of: "alice") == 3)
  }

  @Test func theLimitsOfAMemberWhoLeavesAreLifted() {
    var world = world()
    world.set(perUser: 8, members: ["bob"])
    #expect(world.state.users(of: UserWorld.project).map(\.text) == ["alice", "bob"], "until that is seen")
    world.settle()
    #expect(world.limits(of: "alice") == [[:], [:]])
    #expect(world.cpus(of: "bob") == 8)
    #expect(world.state.users(of: UserWorld.project).map(\.text) == ["bob"])
    #expect(world.state.projects[UserWorld.quota("alice")] == nil)
  }

  @Test func aClusterThatIsSilentKeepsTheQuotaUntilItsLimitIsLifted() {
    var world = world()
    world.feed(.unlinked(world.clusters[1].name))
    world.set(perUser: 8, members: ["bob"])
    world.settle(only: [0])
    #expect(world.limits(of: "alice").first == [:])
    #expect(world.state.projects[UserWorld.quota("alice")] != nil)
    world.feed(.linked(world.clusters[1].name, lastWrite: world.clusters[1].applied))
    world.settle()
    #expect(world.limits(of: "alice") == [[:], [:]])
    #expect(world.state.projects[UserWorld.quota("alice")] == nil)
  }

  @Test func noLimitIsWrittenForOneWhoLeavesBeforeHeWasSeen() {
    var world = UserWorld()
    world.set(perUser: 8, members: ["alice"])
    world.set(perUser: 8, members: [])
    #expect(world.state.projects[UserWorld.quota("alice")] == nil)
    world.link()
    world.settle()
    #expect(world.limits(of: "alice") == [nil, nil])
  }

  @Test func anAssociationThatIsGoneKeepsNoQuotaAlive() {
    var world = world()
    world.set(perUser: 8, members: ["bob"])
    for cluster in world.clusters {
      cluster.limits[UserWorld.association("alice", of: UserWorld.account)] = nil
    }
    world.settle()
    #expect(world.limits(of: "alice") == [nil, nil])
    #expect(world.state.projects[UserWorld.quota("alice")] == nil)
  }

  @Test func capsThatAreDroppedAreLiftedAndMayComeBack() {
    var world = world()
    world.set(perUser: nil, members: ["alice", "bob"])
    world.settle()
    #expect(world.limits(of: "alice") == [[:], [:]])
    #expect(world.state.quotaNames == [UserWorld.project])
    world.set(perUser: 5, members: ["alice"])
    world.settle()
    #expect(world.cpus(of: "alice") == 5)
  }

  @Test func aCapDroppedGivenAndDroppedAgainWhileAClusterIsSilentLeavesNoLimit() {
    var world = world()
    world.feed(.unlinked(world.clusters[1].name))
    world.set(perUser: nil, members: ["alice", "bob"])
    world.set(perUser: 5, members: ["alice", "bob"])
    world.set(perUser: nil, members: ["alice", "bob"])
    world.settle(only: [0])
    #expect(world.limits(of: "alice").first == [:])
    #expect(world.state.projects[UserWorld.quota("alice")] != nil, "beta still has its limit")
    world.feed(.linked(world.clusters[1].name, lastWrite: world.clusters[1].applied))
    world.settle()
    #expect(world.limits(of: "alice") == [[:], [:]])
    #expect(world.state.quotaNames == [UserWorld.project])
  }

  @Test func aProjectWithoutCapsPerUserSeesToItsMembersItself() {
    var world = world()
    world.set(perUser: nil, members: ["alice", "bob"])
    let share = world.state.share(of: UserWorld.project, in: world.clusters[0].name)
    #expect(share?.isConfirmed == false, "it is written anew, with them")
  }

  @Test func aMemberMayComeBackWhileHisLimitsAreLifted() {
    var world = world()
    world.set(perUser: 8, members: ["bob"])
    world.set(perUser: 6, members: ["alice", "bob"])
    world.settle()
    #expect(world.cpus(of: "alice") == 6)
  }

  @Test func aProjectThatIsDeletedLeavesUsersLimitsAsItsOwn() {
    var world = world()
    world.feed(.deleteProject(UserWorld.project))
    world.settle()
    #expect(world.state.quotaNames.isEmpty)
    #expect(world.cpus(of: "alice") == 8)
    #expect(world.state.clusters[world.clusters[0].name]?.projectOfAccount.isEmpty == true)
  }

  @Test func aRestartGoesOnFromTheLedger() {
    var world = world()
    world.clusters[0].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 20)
    world.settle(rounds: 60)
    world.restart()
    #expect(world.state.projectNames == [UserWorld.project])
    world.clusters[1].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 20)
    world.settle(rounds: 60) { #expect($0.used(by: "alice") <= 8) }
    world.set(perUser: 8, members: [])
    world.restart()
    world.settle()
    #expect(world.limits(of: "alice") == [[:], [:]])
  }

  @Test func usersMayHaveOtherNamesInACluster() {
    let alpha = name("alpha", ClusterTag.self)
    var world = UserWorld(userMap: [alpha: [name("alice", UserTag.self): name("asmith", UserTag.self)]])
    world.link()
    world.set(perUser: 8, members: ["alice"])
    world.settle()
    #expect(world.limits(of: "asmith").first??[.cpu] != nil)
    #expect(world.limits(of: "asmith").last == .some(nil))
    #expect(world.limits(of: "alice").first == .some(nil))
    #expect(world.cpus(of: "alice") + world.cpus(of: "asmith") == 8)
    let both = world.grant(perUser: 8, members: ["alice", "asmith"])
    let refusals = world.state.findings(for: both, acceptsUnenforced: false).refusals
    #expect(refusals.count == 1 && refusals.first?.description.contains("asmith") == true)
  }

  @Test func aMapThatChangedCountsFromTheNextLink() {
    var world = world(members: ["alice", "bob"])
    let alpha = name("alpha", ClusterTag.self)
    let (alice, bob) = (name("alice", UserTag.self), name("bob", UserTag.self))
    // The two exchange their names there.
    world.restart(userMap: [alpha: [alice: bob, bob: alice]])
    world.settle()
    let owners = world.state.clusters[alpha]?.projectOfAccount
    #expect(owners?[UserWorld.association("bob", of: UserWorld.account)] == UserWorld.quota("alice"))
    #expect(owners?[UserWorld.association("alice", of: UserWorld.account)] == UserWorld.quota("bob"))
  }

  @Test func whatRunsUnderANameOfBeforeCountsUntilItEnds() throws {
    var world = world()
    world.clusters[0].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 8)
    world.settle(rounds: 60)
    #expect(world.clusters[0].used(by: "alice") == 8)
    let renamed = world.calling("alice", "asmith", in: 0)
    world.restart(userMap: renamed)
    world.clusters[0].waiting += [(user: String, cpus: Int64)](repeating: ("asmith", 1), count: 20)
    world.clusters[1].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 20)
    let isWithin = { (world: UserWorld) in #expect(world.used(by: "alice") + world.used(by: "asmith") <= 8) }
    world.settle(rounds: 60, check: isWithin)
    #expect(world.clusters[0].used(by: "alice") == 8, "nothing is ended")
    let reasons = world.state.standing(of: UserWorld.quota("alice")).reasons
    #expect(reasons.contains { $0.contains("under his name of before, alice, cpu=8") }, "\(reasons)")
    #expect(world.state.people(of: UserWorld.project).map(\.text) == ["alice", "bob"])
    // Over a restart, too.
    world.restart(userMap: renamed)
    world.clusters[0].running.removeFirst(5)
    world.settle(rounds: 60, check: isWithin)
    #expect(world.used(by: "alice") + world.used(by: "asmith") == 8)
    world.clusters[0].running.removeAll { $0.user == "alice" }
    world.settle(rounds: 60, check: isWithin)
    #expect(world.used(by: "alice") + world.used(by: "asmith") == 8)
    #expect(world.limits(of: "alice").first == [:], "the old limit is lifted")
    #expect(world.state.quotaNames.count == 3)
    #expect(world.state.standing(of: UserWorld.quota("alice")).reasons == [])
  }

  @Test func aMapThatIsTakenBackGivesTheOldNameItsPartAgain() {
    var world = world()
    world.clusters[0].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 8)
    world.settle(rounds: 60)
    world.restart(userMap: world.calling("alice", "asmith", in: 0))
    world.settle()
    world.clusters[0].running.removeFirst(4)
    world.settle()
    world.restart(userMap: [:])
    world.clusters[0].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 20)
    world.settle(rounds: 60) { #expect($0.used(by: "alice") + $0.used(by: "asmith") <= 8) }
    #expect(world.used(by: "alice") == 8)
    #expect(world.limits(of: "asmith").first == [:])
    #expect(world.state.quotaNames.count == 3)
  }

  @Test func aMapThatMakesTwoMembersOneIsToldOfBothAndLosesNothing() {
    var world = world(members: ["alice", "asmith"])
    let alpha = name("alpha", ClusterTag.self)
    world.restart(userMap: [alpha: [name("alice", UserTag.self): name("asmith", UserTag.self)]])
    world.clusters[0].waiting += [(user: String, cpus: Int64)](repeating: ("asmith", 1), count: 30)
    world.settle(rounds: 60) { #expect($0.used(by: "asmith") <= 8) }
    let standing = world.state.standing(of: UserWorld.project)
    #expect(standing.state == .unenforced)
    #expect(standing.reasons.first?.contains("alice and asmith are both called asmith") == true)
    world.clusters[0].running = []
    world.clusters[0].waiting = []
    world.restart(userMap: [:])
    world.settle(rounds: 80)
    #expect(world.state.standing(of: UserWorld.project).state == .ok)
    for user in ["alice", "asmith"] {
      #expect(world.state.standing(of: UserWorld.quota(user)).reasons == [], "\(user)")
      #expect(world.cpus(of: user) == 8, "\(user)")
    }
  }

  /// What was known of the old association says nothing about the new one.
  @Test func nothingGrowsBeforeANewNameWasRead() {
    var world = UserWorld()
    world.link()
    world.set(perUser: 4, members: ["alice"])
    for cluster in world.clusters { cluster.waiting = [("alice", 1), ("alice", 1)] }
    world.settle(rounds: 60)
    #expect(world.limits(of: "alice").map { $0?[.cpu]?.units } == [2, 2])
    world.clusters[0].limits[UserWorld.association("asmith", of: UserWorld.account)] = [:]
    world.clusters[0].running += [(user: String, cpus: Int64)](repeating: ("asmith", 1), count: 8)
    world.restart(userMap: world.calling("alice", "asmith", in: 0))
    world.set(perUser: 8, members: ["alice"])
    world.clusters[1].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 20)
    world.settle(rounds: 60, only: [1])
    #expect(world.clusters[1].used(by: "alice") == 2, "alpha was not read")
    world.settle(rounds: 80)
    #expect(world.clusters[1].used(by: "alice") == 2, "what runs on alpha is more than the cap")
    #expect(world.limits(of: "asmith").first??[.cpu] != nil, "it is held once it was read")
  }

  /// A write of the project makes its members' associations, without limits where there are no caps per user (seed 2025116).
  @Test func capsThatComeAgainAreProvenAfterTheWriteThatIsUnderWay() {
    var world = UserWorld()
    world.link()
    world.set(perUser: 8, members: ["alice"])
    world.settle(rounds: 4, only: [1])
    world.set(perUser: nil, members: ["alice"])
    world.settle(rounds: 1, only: [0])
    let alpha = world.clusters[0].name
    let last = world.clusters[0].mail.last?.number
    #expect(last != nil, "it is under way")
    world.set(perUser: 8, members: ["alice"])
    #expect(world.state.share(of: UserWorld.quota("alice"), in: alpha)?.outstanding == last)
  }

  @Test func aLimitOfNothingUnderANameOfBeforeIsLiftedToo() {
    var world = UserWorld()
    world.link()
    world.set(perUser: 1, members: ["alice"])
    world.settle()
    // The one CPU is in one of the two.
    let empty = world.limits(of: "alice").firstIndex { $0?[.cpu] == .zero } ?? -1
    #expect(empty >= 0)
    guard empty >= 0 else { return }
    world.restart(userMap: world.calling("alice", "asmith", in: empty))
    world.settle(rounds: 60)
    #expect(world.limits(of: "alice")[empty] == [:])
    #expect(world.state.quotaNames.count == 2)
  }

  @Test func aNewCapHoldsUnderNamesOfBeforeToo() {
    var world = world()
    world.clusters[0].waiting += [(user: String, cpus: Int64)](repeating: ("alice", 1), count: 8)
    world.settle(rounds: 60)
    world.restart(userMap: world.calling("alice", "asmith", in: 0))
    world.settle()
    var grant = world.grant(perUser: 8, members: ["alice", "bob"])
    grant.perUser[.runningJobs] = Amount(units: 5)
    world.feed(.setProject(grant, acceptsUnenforced: true))
    let formerly = { (world: UserWorld) in
      world.state.projects[UserWorld.quota("alice")]?.formerly.used(.runningJobs)
    }
    #expect(formerly(world) == .unbounded, "nobody has looked yet")
    world.settle()
    #expect(formerly(world) == .zero)
    #expect(world.limits(of: "alice").first??[.runningJobs] == .zero)
  }

  @Test(arguments: ["alice", "asmith"]) func ofTwoWhoAreOneTheOtherKeepsTheLimit(leaver: String) {
    var world = world(members: ["alice", "asmith"])
    let alpha = world.clusters[0].name
    world.restart(userMap: [alpha: [name("alice", UserTag.self): name("asmith", UserTag.self)]])
    world.settle(rounds: 60)
    world.set(perUser: 8, members: [leaver == "alice" ? "asmith" : "alice"])
    world.settle(rounds: 80)
    #expect(world.state.quotaNames.count == 2, "\(world.state.quotaNames)")
    #expect(world.limits(of: "asmith").first??[.cpu] != nil)
    let left = leaver == "alice" ? "asmith" : "alice"
    let owners = world.state.clusters[alpha]?.projectOfAccount
    #expect(owners?[UserWorld.association("asmith", of: UserWorld.account)] == UserWorld.quota(left))
    #expect(world.state.standing(of: UserWorld.quota(left)).reasons == [])
  }

  @Test func capsPerUserAreCheckedAsCapsAre() {
    let world = world()
    var project = world.grant(perUser: 8, members: [])
    project.perUser = [.cpu: Amount(milli: 1500), .runningJobs: Amount(units: 2_000_000_000)]
    let refusals = world.state.findings(for: project, acceptsUnenforced: false).refusals
    #expect(refusals.map(\.description).allSatisfy { $0.hasPrefix("per_user.") })
    #expect(refusals.count == 2)
  }

  @Test func whatVoidsAUsersLimitIsToldOfTheProject() throws {
    var world = world()
    let own = UserWorld.association("alice", of: UserWorld.account)
    let cluster = world.clusters[0].name
    guard var head = world.state.clusters[cluster]?.head else { throw Missing() }
    head.voids = [
      LimitGap(account: own, tres: nil, reason: "by partition"),
      LimitGap(
        account: UserWorld.association("dave", of: UserWorld.account), tres: nil, reason: "a stranger's"),
    ]
    world.feed(.report(cluster, Report(head: head, accounts: [])))
    #expect(world.state.standing(of: UserWorld.project).reasons == ["alpha: by partition"])
    #expect(world.state.standing(of: UserWorld.quota("alice")).state == .unenforced)
    let grant = world.grant(perUser: 9, members: ["alice"])
    #expect(!world.state.findings(for: grant, acceptsUnenforced: false).refusals.isEmpty)
    #expect(world.state.findings(for: grant, acceptsUnenforced: true).refusals.isEmpty)
  }

  private struct Missing: Error {}
}
