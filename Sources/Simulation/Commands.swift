internal import Core
internal import Model

// What administrators do.
extension World {
  func command(using dice: inout SeededRandom) throws(Violation) {
    let project = dice.below(projectCount)
    let death = dice.happens(5) ? death(using: &dice) : nil
    guard let old = granted[project] else {
      return try set(project, to: grant(of: project, using: &dice), using: &dice, dying: death)
    }
    var new = old
    if people.count > 0, dice.happens(50) {
      changeUsers(of: &new, using: &dice)
      return try set(project, to: new, using: &dice, dying: death)
    }
    switch dice.below(shape.hasChangingTerms ? 28 : 12) {
    case 0: return try delete(project, dying: death)
    case 1, 2:
      let index = dice.below(clusters.count)
      new.clusters[index].toggle()
      guard new.clusters.contains(true) else { return }
    case 3: new.cap[1] = new.cap[1] < Load.unlimited[1] ? Load.unlimited[1] : Int64(dice.within(0...6))
    case 4:
      return try regulate(
        project, isSpent: dice.happens(60), of: dice.happens(70) ? .cpu : .gpu, dying: death)
    case 12...17:
      let parent = old.terms.parent
      new.terms = Shape.drawnTerms(using: &dice)
      new.terms.parent = parent
    case 18...23: new.terms.parent = parent(of: project, using: &dice)
    default: new.cap[0] = Int64(dice.within(0...24))
    }
    try set(project, to: new, using: &dice, dying: death)
  }

  private func grant(of project: Int, using dice: inout SeededRandom) -> Grant {
    var bound = clusters.map { _ in dice.happens(70) }
    if !bound.contains(true) { bound[0] = true }
    let gpus = dice.happens(30) ? Int64(dice.within(0...6)) : Load.unlimited[1]
    var grant = Grant(
      cap: Load(Int64(dice.within(1...20)), gpus), clusters: bound, terms: shape.terms[project])
    if shape.hasTree { grant.terms.parent = parent(of: project, using: &dice) }
    drawUsers(of: &grant, using: &dice)
    return grant
  }

  /// Another one, or none. It may be one below it, which the core refuses.
  private func parent(of project: Int, using dice: inout SeededRandom) -> Int? {
    guard shape.hasTree else {
      return WorldNames.strangers.first { $0 != granted[project]?.terms.parent }
    }
    let others = granted.indices.filter { $0 != project && granted[$0] != nil }
    return others.isEmpty || dice.happens(15) ? nil : others[dice.below(others.count)]
  }

  private func set(
    _ project: Int, to wanted: Grant, using dice: inout SeededRandom, dying death: SimulatedHost.Death?
  ) throws(Violation) {
    var grant = wanted
    if shape.hasTree {
      grant.terms = grant.terms.fitting(grant.cap)
      // Most know that a project stands where its parent does.
      let above = grant.terms.parent.flatMap { granted[$0]?.clusters }
      if let above, dice.happens(85) {
        let shared = zip(grant.clusters, above).map { $0 && $1 }
        grant.clusters = shared.contains(true) ? shared : above
      }
    }
    let accepts = shape.hasTree && dice.happens(70)
    guard isTaken(grant, of: project, accepting: accepts) else { return }
    try checkPlace(of: project, as: grant)
    say("p\(project) is granted \(grant.cap) in \(grant.clusters)\(words(for: grant))")
    if death != .beforeCommit {
      granted[project] = grant
      tellAuditor(of: project, as: grant)
    }
    try feed(.setProject(self.project(project, as: grant), acceptsUnenforced: accepts), dying: death)
  }

  private func words(for grant: Grant) -> String {
    let users = people.count > 0 ? ", each of its users \(grant.perUser), members \(grant.members)" : ""
    guard shape.hasChangingTerms else { return users }
    let terms = grant.terms
    let above = terms.parent.map { " below \(names.parents[$0])" } ?? ""
    return "\(above), borrows \(terms.borrow), lends \(terms.lend)\(users)"
  }

  private func isTaken(_ grant: Grant, of project: Int, accepting: Bool) -> Bool {
    var wanted = self.project(project, as: grant)
    if !shape.hasTree {
      // Their parent isn't a project here.
      (wanted.parent, wanted.borrow, wanted.lend) = (nil, [:], [:])
    }
    return host.state.findings(for: wanted, acceptsUnenforced: accepting, above: accountsAbove(in:_:))
      .refusals.isEmpty
  }

  func project(_ project: Int, as grant: Grant) -> Project {
    var bindings = NameMap<ClusterTag, ClusterBinding>()
    for index in clusters.indices where grant.clusters[index] {
      bindings[names.clusters[index]] = ClusterBinding(account: names.accounts[project])
    }
    var members = NameMap<UserTag, MemberRole>()
    for user in grant.members.indices where grant.members[user] { members[names.users[user]] = .user }
    let (borrow, lend) = (grant.terms.borrow.amounts, grant.terms.lend.amounts)
    return Project(
      name: names.projects[project], parent: grant.terms.parent.map { names.parents[$0] },
      limits: grant.cap.amounts, borrow: shape.hasTree ? borrow.positive : borrow,
      lend: shape.hasTree ? lend.positive : lend, perUser: grant.perUser.amounts, members: members,
      clusters: bindings)
  }

  /// A budget is spent, or no longer.
  private func regulate(
    _ project: Int, isSpent: Bool, of tres: TRES, dying death: SimulatedHost.Death?
  ) throws(Violation) {
    say("p\(project) has \(isSpent ? "spent its budget of \(tres)" : "budget")")
    let budget = SpentBudget(
      tres: tres, budget: .zero, charged: .zero, held: .zero, period: "", isCurrent: true, renews: nil)
    try feed(.budget(names.projects[project], spent: isSpent ? [budget] : []), dying: death)
  }

  private func delete(_ project: Int, dying death: SimulatedHost.Death?) throws(Violation) {
    let name = names.projects[project]
    if shape.hasChangingTerms {
      // As sluiced refuses it: those below come first, and what is borrowed goes back before.
      guard !granted.contains(where: { $0?.terms.parent == project }),
        !host.state.loans(of: name).contains(where: { $0.borrower == name })
      else { return }
    }
    say("p\(project) is deleted")
    if death != .beforeCommit {
      granted[project] = nil
      tellAuditor(of: project, as: nil)
      leaveLimits(of: people.parts(of: project))
    }
    try feed(.deleteProject(name), dying: death)
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
      tellAuditor(of: project, as: granted[project])
    }
    leaveLimits(of: people.parts)
    auditor.restored(bound: backup.bound)
    try noteRestart()
  }
}

extension TRESAmounts {
  fileprivate var positive: TRESAmounts {
    var amounts = TRESAmounts()
    for (tres, amount) in self where amount > .zero { amounts[tres] = amount }
    return amounts
  }
}
