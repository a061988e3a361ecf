import Core
import Model
import Quota
import Testing

/// Two projects below the same parent in one cluster that does at once what it is told.
private struct Siblings {
  static let cluster = name("alpha", ClusterTag.self)
  static let borrower = name("genomics", ProjectTag.self)
  static let lender = name("proteomics", ProjectTag.self)

  var state = State(
    term: 1, projects: [], clusters: [cluster], drained: [], lastWrites: NameMap(), driftPolicy: .restore)
  var used: [ProjectName: Int64] = [:]
  var pending: [ProjectName: Int64] = [:]
  /// Limits that someone else set.
  var edited: [ProjectName: Int64] = [:]
  /// Writes of these accounts fail.
  var failing = NameMap<AccountTag, String>()
  /// Limits that were written, the last ones at the end.
  private(set) var written: [(project: ProjectName, limit: Int64)] = []
  private var serial: Int64 = 0
  var now: Int64 = 1000
  private var applied: WriteNumber?

  init(borrow: Int64 = 8, lend: Int64 = 6) {
    feed(.linked(Self.cluster, lastWrite: nil))
    set(Self.project(Self.borrower, borrow: borrow))
    set(Self.project(Self.lender, lend: lend))
    pass()
  }

  static func project(_ project: ProjectName, borrow: Int64 = 0, lend: Int64 = 0) -> Project {
    var loans = (borrow: TRESAmounts(), lend: TRESAmounts())
    loans.borrow.set(.cpu, Amount(units: borrow))
    loans.lend.set(.cpu, Amount(units: lend))
    return Project(
      name: project, parent: name("biology", ProjectTag.self), limits: [.cpu: Amount(units: 8)],
      borrow: loans.borrow, lend: loans.lend,
      clusters: [cluster: ClusterBinding(account: name(project.text, AccountTag.self))])
  }

  mutating func set(_ project: Project) { feed(.setProject(project, acceptsUnenforced: false)) }

  mutating func feed(_ input: Input) {
    for effect in state.step(input, at: Timestamp(seconds: now)).effects {
      guard case .write(_, let number, let projects) = effect else { continue }
      written += projects.map { ($0, limit($0)) }
      applied = number
      feed(.writeEnded(Self.cluster, number, .taken(failures: failing)))
    }
  }

  /// Some seconds, with a view in each; jobs start as the limits let them.
  mutating func pass(seconds: Int = 12) {
    for _ in 0..<seconds {
      now += 1
      feed(.tick)
      look()
    }
  }

  /// One view.
  mutating func look(at projects: [ProjectName] = [borrower, lender]) {
    serial += 1
    let rows = projects.compactMap { project -> Report.Row? in
      guard let share = state.share(of: project, in: Self.cluster) else { return nil }
      let limit = edited[project] ?? share.allotment.used(.cpu).units
      let started = max(0, min(pending[project] ?? 0, limit - (used[project] ?? 0)))
      used[project, default: 0] += started
      pending[project, default: 0] -= started
      let sighting = Sighting(
        accountExists: true, limits: [.cpu: Amount(units: limit)],
        used: [.cpu: Amount(units: used[project] ?? 0)],
        pending: [.cpu: Amount(units: pending[project] ?? 0)], runningJobs: 0,
        pendingJobs: Int(pending[project] ?? 0))
      return Report.Row(account: share.account, sighting: sighting)
    }
    let size: TRESAmounts = [.cpu: Amount(units: 64)]
    let head = Report.Head(
      serial: serial, bootTime: Timestamp(seconds: 1), age: 0, applied: applied, isSettled: true,
      capacity: size, free: size, voids: [])
    feed(.report(Self.cluster, Report(head: head, accounts: rows)))
  }

  func limit(_ project: ProjectName) -> Int64 {
    state.share(of: project, in: Self.cluster)?.allotment.used(.cpu).units ?? 0
  }
}

@Suite struct BorrowingTests {
  @Test func idleRoomIsLentAndComesBack() {
    var world = Siblings()
    #expect(world.limit(Siblings.borrower) == 8)
    world.pending[Siblings.borrower] = 40
    world.pass()
    #expect(world.used[Siblings.borrower] == 14, "its cap, and the 6 that are lent")
    #expect(world.limit(Siblings.lender) == 2)

    // The lender's own jobs come.
    world.pending[Siblings.lender] = 5
    world.pass()
    #expect(world.used[Siblings.lender] == 2, "nothing is ended")
    #expect(world.limit(Siblings.borrower) == 11, "but what has ended is not replaced")
    #expect(world.state.standing(of: Siblings.borrower).state == .moving)
    world.used[Siblings.borrower] = 11
    world.pass()
    #expect(world.used[Siblings.lender] == 5, "as jobs end it has its own again")
    #expect(world.state.standing(of: Siblings.borrower).state == .ok)

    world.pending[Siblings.borrower] = 0
    world.used[Siblings.borrower] = 3
    world.pass()
    #expect(world.state.loans(of: Siblings.lender).isEmpty, "what nobody needs goes back by itself")
    #expect(world.limit(Siblings.lender) == 8)
  }

  @Test(arguments: [(borrow: 3, lend: 6, has: 11), (8, 1, 9), (0, 6, 8), (8, 0, 8)])
  func neitherMoreThanMayBeBorrowedNorThanIsLent(borrow: Int64, lend: Int64, has: Int64) {
    var world = Siblings(borrow: borrow, lend: lend)
    world.pending[Siblings.borrower] = 40
    world.pass()
    #expect(world.used[Siblings.borrower] == has)
  }

  @Test func aLenderThatNeedsAllKeepsAll() {
    var world = Siblings()
    world.pending = [Siblings.borrower: 40, Siblings.lender: 40]
    world.pass()
    #expect(world.used == [Siblings.borrower: 8, Siblings.lender: 8])
  }

  /// A lender with less than it has lent owes the difference, before it lends anything else.
  @Test func aCapLoweredBelowWhatIsLentLendsNoMore() {
    var world = Siblings()
    world.pending[Siblings.borrower] = 40
    world.pass()
    #expect(world.used[Siblings.borrower] == 14)
    var lender = Siblings.project(Siblings.lender, lend: 2)
    lender.limits = [.cpu: Amount(units: 2)]
    world.set(lender)
    world.pass()
    #expect(world.limit(Siblings.lender) == 0)
    #expect(world.state.projects[Siblings.borrower]?.borrowed(.cpu) ?? .zero <= Amount(units: 6))
    world.used[Siblings.borrower] = 9
    world.pass()
    #expect(world.used[Siblings.borrower] == 10, "its cap of 8, and the 2 that are lent")
    #expect(world.limit(Siblings.lender) == 0)
  }

  /// Its write had failed before, and was tried again in the very step in which the loan went back.
  @Test func whatALoanNoLongerCoversIsNotWritten() {
    // It waits for nothing else, so that nobody looks at it in between.
    var world = Siblings(borrow: 6)
    world.failing[name(Siblings.borrower.text, AccountTag.self)] = "busy"
    world.edited[Siblings.borrower] = 8
    world.pending[Siblings.borrower] = 40
    world.pass()
    #expect(world.limit(Siblings.borrower) == 14)
    world.edited[Siblings.lender] = 20
    world.now += 60
    let before = world.written.count
    world.look(at: [Siblings.lender])
    world.feed(.tick)
    let after = world.written[before...].filter { $0.project == Siblings.borrower }
    #expect(after.allSatisfy { $0.limit <= 8 }, "\(after)")
    #expect(world.limit(Siblings.borrower) == 8)
  }

  @Test func whoseLenderGoesGivesBack() {
    var world = Siblings()
    world.pending[Siblings.borrower] = 40
    world.pass()
    world.feed(.deleteProject(Siblings.lender))
    world.used[Siblings.borrower] = 5
    world.pass()
    #expect(world.used[Siblings.borrower] == 8)
    #expect(world.state.loans(of: Siblings.borrower).isEmpty)
  }

  @Test func whoNoLongerLendsGetsItBack() {
    var world = Siblings()
    world.pending[Siblings.borrower] = 40
    world.pass()
    world.set(Siblings.project(Siblings.lender, lend: 2))
    world.used[Siblings.borrower] = 9
    world.pass()
    #expect(world.used[Siblings.borrower] == 10)
    #expect(world.limit(Siblings.lender) == 6)
  }

  @Test func aLedgerKeepsTheLoans() {
    var world = Siblings()
    world.pending[Siblings.borrower] = 40
    world.pass()
    let again = State(
      term: 2, projects: world.state.projectNames.compactMap { world.state.projects[$0] },
      clusters: [Siblings.cluster], drained: [], lastWrites: NameMap(), driftPolicy: .restore)
    let loan = again.loans(of: Siblings.lender).first
    #expect(loan?.borrower == Siblings.borrower)
    #expect(loan?.amounts.granted == [.cpu: Amount(units: 6)])
    #expect(again.projects[Siblings.lender]?.allowed == [.cpu: Amount(units: 2)])
  }

  @Test func termsThatMeanNothingAreRefused() {
    let world = Siblings()
    var project = Siblings.project(Siblings.borrower, borrow: 4)
    func refusals() -> [String] {
      world.state.findings(for: project, acceptsUnenforced: false).refusals.map(\.description)
        .filter { !$0.hasPrefix("parent:") }
    }
    project.lend = [.cpu: Amount(units: 9)]
    #expect(refusals() == ["lend.cpu: at most its cap of 8 can be lent"])
    project.lend = [.gpu: Amount(units: 1)]
    #expect(refusals() == ["lend.gres/gpu: there is no cap on it: give 'limits' one first"])
    project.lend = [:]
    project.parent = nil
    #expect(refusals() == ["borrow: it has no parent, and only those below the same one lend each other"])
  }
}
