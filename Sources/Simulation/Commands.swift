internal import Core
internal import Model

// What administrators do.
extension World {
  func command(using dice: inout SeededRandom) throws(Violation) {
    let project = dice.below(projectCount)
    let death = dice.happens(5) ? death(using: &dice) : nil
    guard let old = granted[project] else {
      return try set(project, to: grant(using: &dice), dying: death)
    }
    var new = old
    switch dice.below(12) {
    case 0: return try delete(project, dying: death)
    case 1, 2:
      let index = dice.below(clusters.count)
      new.clusters[index].toggle()
      guard new.clusters.contains(true) else { return }
    case 3: new.cap[1] = new.cap[1] < Load.unlimited[1] ? Load.unlimited[1] : Int64(dice.within(0...6))
    case 4:
      return try regulate(
        project, isSpent: dice.happens(60), of: dice.happens(70) ? .cpu : .gpu, dying: death)
    default: new.cap[0] = Int64(dice.within(0...24))
    }
    try set(project, to: new, dying: death)
  }

  func grant(using dice: inout SeededRandom) -> Grant {
    var bound = clusters.map { _ in dice.happens(70) }
    if !bound.contains(true) { bound[0] = true }
    let gpus = dice.happens(30) ? Int64(dice.within(0...6)) : Load.unlimited[1]
    return Grant(cap: Load(Int64(dice.within(1...20)), gpus), clusters: bound)
  }

  func set(_ project: Int, to grant: Grant, dying death: SimulatedHost.Death? = nil) throws(Violation) {
    let names = WorldNames.all
    var bindings = NameMap<ClusterTag, ClusterBinding>()
    for index in clusters.indices where grant.clusters[index] {
      bindings[names.clusters[index]] = ClusterBinding(account: names.accounts[project])
    }
    var wanted = Project(name: names.projects[project], limits: grant.cap.amounts, clusters: bindings)
    guard host.state.findings(for: wanted, acceptsUnenforced: false).refusals.isEmpty else { return }
    // Siblings are those with the same parent; that isn't a project here, for the clusters know no trees.
    wanted.parent = names.parent
    wanted.borrow = terms[project].borrow.amounts
    wanted.lend = terms[project].lend.amounts
    say("p\(project) is granted \(grant.cap) in \(grant.clusters)")
    if death != .beforeCommit {
      granted[project] = grant
      auditor.set(project, cap: grant.cap, clusters: grant.clusters)
    }
    try feed(.setProject(wanted, acceptsUnenforced: false), dying: death)
  }

  /// A budget is spent, or no longer.
  private func regulate(
    _ project: Int, isSpent: Bool, of tres: TRES, dying death: SimulatedHost.Death?
  ) throws(Violation) {
    say("p\(project) has \(isSpent ? "spent its budget of \(tres)" : "budget")")
    let budget = SpentBudget(
      tres: tres, budget: .zero, charged: .zero, held: .zero, period: "", isCurrent: true, renews: nil)
    try feed(.budget(WorldNames.all.projects[project], spent: isSpent ? [budget] : []), dying: death)
  }

  private func delete(_ project: Int, dying death: SimulatedHost.Death?) throws(Violation) {
    say("p\(project) is deleted")
    if death != .beforeCommit {
      granted[project] = nil
      auditor.set(project, cap: nil, clusters: [])
    }
    try feed(.deleteProject(WorldNames.all.projects[project]), dying: death)
  }

  func backUp() {
    host.backUp()
    backup = (granted, auditor.isBound)
  }

  func restore() throws(Violation) {
    guard let backup else { return }
    // It is done by hand.
    now += 60_000
    guard host.restore(at: time) else { return }
    say("the ledger is restored from an older copy")
    for project in granted.indices where granted[project] != backup.granted[project] {
      granted[project] = backup.granted[project]
      auditor.set(
        project, cap: granted[project]?.cap,
        clusters: granted[project]?.clusters ?? clusters.map { _ in false })
    }
    auditor.restored(bound: backup.bound)
    try noteRestart()
  }
}
