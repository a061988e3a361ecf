import Core
import Model
import Quota
import Testing

/// Projects below one another: what can stand where, and where the cluster can't add them up.
@Suite struct TreeTests {
  private static let alpha = name("alpha", ClusterTag.self)
  private static let beta = name("beta", ClusterTag.self)

  private func project(
    _ text: String, under parent: String? = nil, cpu: Int64 = 8, in clusters: [ClusterName] = [alpha]
  ) -> Project {
    var bindings = NameMap<ClusterTag, ClusterBinding>()
    for cluster in clusters { bindings[cluster] = ClusterBinding(account: name(text, AccountTag.self)) }
    return Project(
      name: name(text, ProjectTag.self), parent: parent.map { name($0, ProjectTag.self) },
      limits: [.cpu: Amount(units: cpu)], clusters: bindings)
  }

  /// `biology` with `genomics` below it, and `reads` below that.
  private func tree() -> State {
    var state = State(
      term: 1, projects: [], clusters: [Self.alpha, Self.beta], drained: [], lastWrites: NameMap(),
      driftPolicy: .restore)
    for new in [
      project("biology"), project("genomics", under: "biology"), project("reads", under: "genomics"),
    ] {
      #expect(refusals(new, in: state) == [])
      _ = state.step(.setProject(new, acceptsUnenforced: false), at: Timestamp(seconds: 1))
    }
    return state
  }

  private func refusals(_ project: Project, in state: State) -> [String] {
    state.findings(for: project, acceptsUnenforced: false).refusals.map(\.description)
  }

  @Test func knowsWhatIsAboveAndBelow() {
    var state = tree()
    let reads = name("reads", ProjectTag.self)
    #expect(state.lineage(of: reads).map(\.project.name.text) == ["reads", "genomics", "biology"])
    #expect(state.children(of: name("biology", ProjectTag.self)).map(\.text) == ["genomics"])
    #expect(state.accountAbove(project("reads", under: "genomics"), in: Self.alpha)?.text == "genomics")
    _ = state.step(
      .setProject(project("reads", under: "biology"), acceptsUnenforced: false), at: Timestamp(seconds: 2))
    #expect(state.children(of: name("biology", ProjectTag.self)).map(\.text) == ["genomics", "reads"])
    _ = state.step(.deleteProject(reads), at: Timestamp(seconds: 3))
    #expect(state.children(of: name("biology", ProjectTag.self)).map(\.text) == ["genomics"])
  }

  @Test func aLedgersTreeIsTheSame() {
    let state = tree()
    let again = State(
      term: 2, projects: state.projectNames.compactMap { state.projects[$0] },
      clusters: [Self.alpha, Self.beta], drained: [], lastWrites: NameMap(), driftPolicy: .restore)
    for name in state.projectNames { #expect(again.children(of: name) == state.children(of: name)) }
  }

  @Test func refusesAParentThatIsNotThere() {
    #expect(refusals(project("x", under: "none"), in: tree()) == ["parent: there is no project 'none'"])
  }

  @Test(arguments: ["biology", "genomics", "reads"])
  func refusesARing(parent: String) {
    #expect(
      refusals(project("biology", under: parent), in: tree())
        == ["parent: \(parent) is this project, or below it"])
  }

  @Test func refusesMoreThanSixteenLevels() {
    var state = tree()
    for level in 4...16 {
      let new = project("p\(level)", under: level == 4 ? "reads" : "p\(level - 1)")
      #expect(refusals(new, in: state) == [])
      _ = state.step(.setProject(new, acceptsUnenforced: false), at: Timestamp(seconds: 1))
    }
    let words = "parent: that makes 17 levels of projects; at most 16 are taken"
    #expect(refusals(project("p17", under: "p16"), in: state) == [words])
    let top = project("top")
    _ = state.step(.setProject(top, acceptsUnenforced: false), at: Timestamp(seconds: 1))
    #expect(refusals(project("biology", under: "top"), in: state) == [words], "what hangs below counts too")
  }

  @Test func refusesAClusterInWhichTheParentHasNoAccount() {
    #expect(
      refusals(project("x", under: "biology", in: [Self.alpha, Self.beta]), in: tree())
        == ["clusters.beta: the parent, biology, has no account there that would hold it: give it one first"])
  }

  @Test func aParentThatLeavesAClusterIsToldOf() {
    var state = tree()
    let biology = project("biology", in: [Self.beta])
    let warnings = state.findings(for: biology, acceptsUnenforced: false).warnings
    #expect(
      warnings.contains { $0.hasPrefix("clusters.alpha: genomics, which is below this project, stays there") }
    )
    _ = state.step(.setProject(biology, acceptsUnenforced: false), at: Timestamp(seconds: 2))
    let standing = state.standing(of: name("genomics", ProjectTag.self))
    #expect(standing.state == .unenforced)
    #expect(
      standing.reasons.first?.hasPrefix("alpha: biology, the project above, has no account there") == true)
  }

  @Test func anAccountThatIsToBeCreatedElsewhereIsAGap() {
    var new = project("x", under: "biology")
    new.clusters[Self.alpha]?.parent = name("physics", AccountTag.self)
    #expect(tree().gaps(of: new).count == 1)
    new.clusters[Self.alpha]?.parent = name("biology", AccountTag.self)
    #expect(tree().gaps(of: new).isEmpty)
  }

  @Test func warnsOfACapAboveTheParents() {
    let findings = tree().findings(for: project("x", under: "biology", cpu: 9), acceptsUnenforced: false)
    #expect(findings.warnings.contains("limits.cpu: 9 is more than the 8 of biology, which hold it too"))
  }

  @Test func anAccountThatLiesElsewhereIsAGap() {
    let state = tree()
    let new = project("x", under: "biology")
    func gaps(_ above: [String]?) -> [String] {
      state.gaps(of: new) { _, _ in above.map { $0.map { name($0, AccountTag.self) } } }.map(\.reason)
    }
    #expect(gaps(nil) == [], "one that isn't there yet is created under the parent's")
    #expect(gaps(["biology"]) == [])
    #expect(gaps(["lab", "biology"]) == [], "with accounts of no project between them")
    #expect(
      gaps(["chemistry"])
        == [
          "alpha: account x does not lie under biology, so that what it uses does not count against the caps of biology"
        ])
    #expect(gaps([]).count == 1, "right below the root")
  }

  @Test func anAccountThatIsMovedAwayMakesItsProjectUnenforced() {
    var state = tree()
    let genomics = name("genomics", ProjectTag.self)
    _ = state.step(.linked(Self.alpha, lastWrite: nil), at: Timestamp(seconds: 2))
    func look(_ above: [String], serial: Int64) {
      let head = Report.Head(
        serial: serial, bootTime: Timestamp(seconds: 1), age: 0, applied: nil, isSettled: true,
        capacity: [.cpu: Amount(units: 64)], free: [.cpu: Amount(units: 64)], voids: [])
      let sighting = Sighting(
        accountExists: true, above: above.map { name($0, AccountTag.self) }, limits: [:], used: [:],
        pending: [:],
        runningJobs: 0, pendingJobs: 0)
      let row = Report.Row(account: name("genomics", AccountTag.self), sighting: sighting)
      _ = state.step(.report(Self.alpha, Report(head: head, accounts: [row])), at: Timestamp(seconds: serial))
    }
    look(["biology"], serial: 3)
    #expect(state.standing(of: genomics).state != .unenforced)
    look(["chemistry"], serial: 4)
    let standing = state.standing(of: genomics)
    #expect(standing.state == .unenforced)
    #expect(standing.findings.first?.gap?.cure.contains("set parent=biology") == true)
  }
}
