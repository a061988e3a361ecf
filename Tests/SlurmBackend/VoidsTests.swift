import Model
import Testing
import Wire

@testable import SlurmBackend

struct VoidsTests {
  private func tree(_ change: (inout QualityOfService) -> Void) -> TreeSketch {
    var special = QualityOfService(id: 2, name: "special")
    change(&special)
    var tree = TreeSketch()
    tree.accounts = [
      "root": TreeSketch.Account(parent: nil, ways: [("normal", nil)]),
      "lab": TreeSketch.Account(parent: "root"),
      "below": TreeSketch.Account(parent: "lab", ways: [("special", "alice")]),
    ]
    tree.qos = [QualityOfService(id: 1, name: "normal"), special]
    tree.tracked = [.cpu, .memory, .gpu]
    return tree
  }

  private func voids(
    _ tree: TreeSketch, limits: TRESAmounts = [.cpu: Amount(units: 4)], enforces: Bool = true,
    runsLua: Bool = true, licenses: TRESAmounts = [:], partitions: [PartitionDetail] = [],
    jobs: [NativeJob] = []
  ) throws -> [LimitVoid] {
    findVoids(
      enforcesLimits: enforces, runsLua: runsLua, search: VoidSearch(tree), licenses: licenses,
      partitions: partitions,
      followed: [try AccountName("lab")],
      rows: ["lab": AccountLimits(limits: limits, used: [:])], jobs: jobs)
  }

  @Test func aPlainTreeHasNone() throws {
    #expect(try voids(tree { _ in }).isEmpty)
  }

  @Test func nothingHoldsWithoutEnforcement() throws {
    let found = try voids(tree { _ in }, enforces: false)
    #expect(found.map(\.kind) == [.notEnforced])
    #expect(found.first?.account == nil)
  }

  @Test func aQOSOfAUserBelowOverridesTheTRESItLimitsEvenBeforeTheAccountHasLimits() throws {
    let tree = tree { $0.grpTres = [.cpu: Amount(units: 100), .gpu: Amount(units: 1)] }
    let found = try voids(tree, limits: [.cpu: Amount(units: 4), .memory: Amount(units: 1)])
    #expect(found.map(\.tres) == [.cpu, .gpu])
    #expect(try voids(tree, limits: [:]).map(\.tres) == [.cpu, .gpu])
    #expect(found.first?.reason.contains("special") == true)
    #expect(found.first?.reason.contains("alice") == true)
  }

  @Test func aFactorOverridesAll() throws {
    #expect(try voids(tree { $0.limitFactor = 3 }).map(\.tres) == [nil])
    #expect(try voids(tree { $0.limitFactor = 1 }).isEmpty)
    #expect(try voids(tree { $0.grpJobs = 5 }).map(\.kind) == [.qos])
  }

  @Test func aPartitionsQOSCountsWhereTheAccountMayGo() throws {
    var tree = tree { _ in }
    var wide = QualityOfService(id: 3, name: "wide")
    wide.grpTres = [.cpu: Amount(units: 100)]
    tree.qos.append(wide)
    func partition(_ allowed: [String]) -> PartitionDetail {
      PartitionDetail(
        name: "main", isDefault: true, state: "up", nodes: 1, capacity: [:], timeLimit: nil, qos: "wide",
        allowedAccounts: allowed, allowedQos: [])
    }
    #expect(try voids(tree, partitions: [partition([])]).count == 1)
    #expect(try voids(tree, partitions: [partition(["below"])]).count == 1)
    #expect(try voids(tree, partitions: [partition(["other"])]).isEmpty)
  }

  @Test func typedAndUntrackedLimitsAreSaid() throws {
    let typed = try TRES("gres/gpu:h100")
    let found = try voids(tree { _ in }, limits: [typed: Amount(units: 1)])
    #expect(found.map(\.kind) == [.untypedRequests, .untracked])
  }

  @Test func aCapPerTypeTakesTheHookAndTheLicense() throws {
    let training = JobType.training.tres
    var tree = tree { _ in }
    tree.tracked.append(training)
    func found(runsLua: Bool, _ licenses: TRESAmounts) throws -> [LimitVoid] {
      try voids(tree, limits: [training: Amount(units: 20)], runsLua: runsLua, licenses: licenses)
    }
    let all: TRESAmounts = [training: Amount(units: 100_000)]
    #expect(try found(runsLua: true, all) == [])
    for (runsLua, licenses, setting) in [(false, all, "JobSubmitPlugins"), (true, [:], "Licenses")] {
      let voids = try found(runsLua: runsLua, licenses)
      #expect(voids.map(\.kind) == [.uncountedJobs] && voids.map(\.tres) == [training])
      #expect(voids.first?.reason.contains(setting) == true)
    }
    #expect(try voids(tree, runsLua: false).isEmpty, "where there is no such cap")
  }

  @Test func aJobThatGrewPastTheLimitIsAnOverride() throws {
    var grown = job(7, .running, account: "below").native
    grown.allocated = [.cpu: Amount(units: 30)]
    #expect(try voids(tree { _ in }, jobs: [grown]).map(\.kind) == [.operatorOverride])
    #expect(try voids(tree { _ in }, jobs: [job(7, .running, account: "below").native]).isEmpty)
  }

  @Test func associationsByPartitionVoidAUsersCap() throws {
    let lab = try AccountName("lab")
    let alice = AccountName.user(try UserName("alice"), of: lab)
    func found(_ partitions: [String: [String]]) -> [LimitVoid] {
      findVoids(
        enforcesLimits: true, runsLua: true, search: VoidSearch(tree { _ in }), licenses: [:], partitions: [],
        followed: [lab, alice],
        rows: ["lab": AccountLimits(limits: [:], used: [:], partitions: partitions)], jobs: [])
    }
    #expect(found([:]).isEmpty)
    #expect(found(["bob": ["main"]]).isEmpty)
    let voids = found(["alice": ["debug", "main"]])
    #expect(voids.map(\.kind) == [.partitionAssociations])
    #expect(voids.first?.account == alice)
    #expect(voids.first?.reason.contains("debug, main") == true)
  }

  @Test func anOperatorsHandOnAUsersJobIsTheUsers() throws {
    let alice = AccountName.user(try UserName("alice"), of: try AccountName("below"))
    var grown = job(7, .running, account: "below").native
    grown.allocated = [.cpu: Amount(units: 30)]
    let voids = findVoids(
      enforcesLimits: true, runsLua: true, search: VoidSearch(tree { _ in }), licenses: [:], partitions: [],
      followed: [alice],
      rows: [alice.text: AccountLimits(limits: [.cpu: Amount(units: 4)], used: [:])], jobs: [grown])
    #expect(voids.map(\.kind) == [.operatorOverride])
    #expect(voids.first?.account == alice)
  }

  @Test func aLimitThatIsOnlyLiftedNeedsNoAssociation() throws {
    let alice = AccountName.user(try UserName("alice"), of: try AccountName("lab"))
    let lifted = LimitChange(account: alice, parent: nil, limits: [:], cleared: [.cpu])
    #expect(lifted.holds(in: nil))
    #expect(lifted.holds(in: AccountLimits(limits: [:], used: [:])))
    #expect(!lifted.holds(in: AccountLimits(limits: [.cpu: Amount(units: 1)], used: [:])))
    let capped = LimitChange(account: alice, parent: nil, limits: [.cpu: Amount(units: 1)])
    #expect(!capped.holds(in: nil))
  }

  @Test func anAccountReadAnewTakesThePlaceOfWhatWasKnownOfIt() throws {
    let old = tree { $0.grpTres = [.cpu: Amount(units: 100)] }
    var search = VoidSearch(old)
    var part = TreeSketch(
      accounts: ["new": TreeSketch.Account(parent: "lab")], qos: old.qos, tracked: old.tracked)
    search.update(["below", "new"], from: part)
    #expect(search.subtree(of: ["lab"]) == ["lab", "new"])
    #expect(!search.has("below"))
    #expect(search.qosVoids(try AccountName("lab"), []).isEmpty)
    part.accounts["lab"] = TreeSketch.Account(parent: "root", ways: [("special", nil)])
    search.update(["lab"], from: part)
    #expect(search.qosVoids(try AccountName("lab"), []).map(\.tres) == [.cpu])
  }

  @Test func aWayOfTheAccountsOwnCountsBeforeAUsers() {
    var account = TreeSketch.Account()
    account.add("special", user: "alice")
    account.add("special", user: "bob")
    #expect(account.ways.map(\.user) == ["alice"])
    account.add("special", user: nil)
    #expect(account.ways.map(\.user) == [nil])
  }

  @Test func parentsComeFirst() {
    let root = Association(id: 1, account: "root")
    var lab = Association(id: 2, account: "lab")
    lab.parent = "root"
    var below = Association(id: 3, account: "below")
    below.parent = "lab"
    var alice = Association(id: 4, account: "below")
    alice.user = "alice"
    #expect(AccountingTree.parentsFirst([alice, below, lab, root]).map(\.id) == [1, 2, 3, 4])
  }
}
