import Model
import Testing
import Wire

@testable import SlurmBackend

struct VoidsTests {
  private func tree(_ change: (inout QualityOfService) -> Void) -> AccountingTree {
    var root = Association(id: 1, account: "root")
    root.qos = ["normal"]
    var lab = Association(id: 2, account: "lab")
    lab.parent = "root"
    var below = Association(id: 3, account: "below")
    below.parent = "lab"
    var alice = Association(id: 4, account: "below")
    alice.user = "alice"
    alice.qos = ["special"]
    var special = QualityOfService(id: 2, name: "special")
    change(&special)
    let normal = QualityOfService(id: 1, name: "normal")
    return AccountingTree(
      associations: [alice, below, lab, root], qos: [normal, special], tracked: [.cpu, .memory, .gpu])
  }

  private func voids(
    _ tree: AccountingTree, limits: TRESAmounts = [.cpu: Amount(units: 4)], enforces: Bool = true,
    partitions: [PartitionDetail] = [], jobs: [NativeJob] = []
  ) throws -> [LimitVoid] {
    findVoids(
      enforcesLimits: enforces, search: VoidSearch(tree), partitions: partitions,
      followed: [try AccountName("lab")], limits: ["lab": limits], jobs: jobs)
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

  @Test func aJobThatGrewPastTheLimitIsAnOverride() throws {
    var grown = job(7, .running, account: "below").native
    grown.allocated = [.cpu: Amount(units: 30)]
    #expect(try voids(tree { _ in }, jobs: [grown]).map(\.kind) == [.operatorOverride])
    #expect(try voids(tree { _ in }, jobs: [job(7, .running, account: "below").native]).isEmpty)
  }

  @Test func parentsComeFirst() {
    #expect(tree { _ in }.associations.map(\.id) == [1, 2, 3, 4])
  }
}
