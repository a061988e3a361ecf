internal import Core
internal import Model
internal import Quota

// Worlds in which projects stand below one another, and their accounts do so in each cluster.
extension World {
  /// The project and those above it, from the inside out.
  func lineage(of project: Int) -> [Int] {
    guard shape.hasTree else { return [project] }
    var lineage = [project]
    while let above = granted[lineage[lineage.count - 1]]?.terms.parent { lineage.append(above) }
    return lineage
  }

  // MARK: What others do

  /// Somebody moves an account: below its project's parent's, as the cure has it, or anywhere. Slurm lets nobody close a ring.
  func move(_ account: Int, in index: Int, using dice: inout SeededRandom) {
    let cluster = clusters[index]
    let others = granted.indices.filter {
      cluster.accounts[$0].exists && $0 != account && !lies($0, below: account, in: index)
    }
    guard cluster.accounts[account].exists else { return }
    let right = granted[account]?.terms.parent
    let isRight = dice.happens(50) && (right.map(others.contains) ?? true)
    let anywhere = others.isEmpty || dice.happens(30) ? nil : others[dice.below(others.count)]
    let above = isRight ? right : anywhere
    say("somebody moves a\(account) in c\(index) below \(above.map { "a\($0)" } ?? "the root")")
    cluster.accounts[account].place.stored = above
    finishMoves(in: index)
  }

  private func lies(_ account: Int, below other: Int, in index: Int) -> Bool {
    var next = clusters[index].accounts[account].place.stored
    while let above = next {
      if above == other { return true }
      next = clusters[index].accounts[above].place.stored
    }
    return false
  }

  /// A move takes effect as soon as slurmctld and slurmdbd both answer, and is the doing of who moved it.
  func finishMoves(in index: Int) {
    let cluster = clusters[index]
    guard cluster.hasTree, cluster.isMoveDue else { return }
    auditor.outside(index) { cluster.finishMoves() }
  }

  /// The cure for all that lies elsewhere than its project says.
  func straighten(_ index: Int) {
    let cluster = clusters[index]
    guard cluster.hasTree else { return }
    for account in granted.indices where cluster.accounts[account].exists {
      let right = granted[account]?.terms.parent
      cluster.accounts[account].place.stored = right.flatMap { cluster.accounts[$0].exists ? $0 : nil }
    }
    finishMoves(in: index)
  }

  // MARK: What the core is asked

  /// As an agent would tell of an account that no project has yet.
  func accountsAbove(in cluster: ClusterName, _ account: AccountName) -> [AccountName]? {
    let accounts = clusters[names.cluster(cluster)].accounts
    guard shape.hasTree, accounts[names.account(account)].exists else { return nil }
    var path: [AccountName] = []
    var next = accounts[names.account(account)].place.enforced
    while let above = next {
      path.append(names.accounts[above])
      next = accounts[above].place.enforced
    }
    return path
  }

  /// The account under which a write has the project's created.
  func accountAbove(_ project: ProjectName, in cluster: ClusterName) -> Int? {
    guard shape.hasTree, let quota = host.state.projects[project] else { return nil }
    return host.state.accountAbove(quota.project, in: cluster).map(names.account)
  }

  // MARK: What is promised

  /// A grant that was taken: those above it are there, in all its clusters, and it isn't above itself.
  func checkPlace(of project: Int, as grant: Grant) throws(Violation) {
    guard shape.hasTree, let parent = grant.terms.parent else { return }
    guard let above = granted[parent], !lineage(of: parent).contains(project),
      stands(grant, where: above)
    else {
      throw Violation(
        step: step, rule: "a project stands where its parent does",
        detail: "p\(project) in \(grant.clusters) was taken below p\(parent)")
    }
  }

  func stands(_ grant: Grant, where above: Grant) -> Bool {
    zip(grant.clusters, above.clusters).allSatisfy { !$0 || $1 }
  }

  /// An account that a write may create comes below that of the project's parent, so that its use counts there.
  func checkPlaces(of rows: [SimulatedAgent.Row], in index: Int) throws(Violation) {
    guard shape.hasTree else { return }
    for row in rows where !people.isPart(row.project) {
      let parent = granted[row.project]?.terms.parent
      let right = parent.flatMap { granted[$0]?.clusters[index] == true ? $0 : nil }
      guard row.above != right else { continue }
      throw Violation(
        step: step, rule: "an account is created below its parent's",
        detail: "a\(row.project) in c\(index) below \(row.above.map { "a\($0)" } ?? "the root"), not "
          + "\(right.map { "a\($0)" } ?? "the root")")
    }
  }

  /// What an account that lies elsewhere uses counts nowhere above: so it is said (8).
  func checkTold(_ report: Report, in index: Int) throws(Violation) {
    guard shape.hasTree else { return }
    for row in report.accounts where row.sighting.accountExists {
      let project = names.account(row.account)
      guard !people.isPart(project), let grant = granted[project], grant.clusters[index],
        let parent = grant.terms.parent,
        !row.sighting.above.contains(names.accounts[parent]),
        host.state.standing(of: names.projects[project]).state != .unenforced
      else { continue }
      throw Violation(
        step: step, rule: "what voids a limit is said (8)",
        detail: "a\(project) in c\(index) lies below \(row.sighting.above), not below a\(parent)")
    }
  }
}
