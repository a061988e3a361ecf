internal import Core
internal import Model
internal import Quota

// The end of a run: nothing fails any more, so all must come to what was granted.
extension World {
  private static let rounds = 30

  /// Mends everything, lets all work end, and sees that the caps can be used again.
  package func settle(step: Int) throws(Violation) {
    self.step = step
    mend()
    for cluster in clusters { cluster.waiting = [] }
    for cluster in clusters { cluster.jobs = [] }
    for name in names.projects.prefix(projectCount) { try feed(.budget(name, spent: [])) }
    for _ in 0..<Self.rounds { try calmRound() }
    try checkRest()
    guard shape.policy == .restore else { return }
    for project in granted.indices {
      try checkLeft(of: project)
      try checkUse(of: project)
      // One of them, since each costs as much as a project.
      let user = people.count > 0 ? Int(seed / Trial.restingSeeds) % people.count : 0
      for part in people.parts(of: project) where people.user(of: part) == user { try checkUse(of: part) }
    }
  }

  private func mend() {
    for index in clusters.indices {
      clusters[index].isDatabaseUp = true
      auditor.outside(index) { clusters[index].startController() }
      agents[index].start()
      for _ in 0..<8 { agents[index].settleLoose(committing: false) }
    }
  }

  private func calmRound() throws(Violation) {
    now += 2_000
    var dice = SeededRandom(seed: 0)
    try feed(.tick)
    for index in clusters.indices {
      if !agents[index].isUp { agents[index].start() }
      if host.state.clusters[names.clusters[index]]?.isDrained ?? false {
        try feed(.drain(names.clusters[index], false))
      }
      straighten(index)
      try calm(index, using: &dice)
    }
    try auditor.check(step: step)
  }

  /// For a moment all goes well in a cluster, and between it and the coordinator.
  func calm(_ index: Int, using dice: inout SeededRandom) throws(Violation) {
    propagate(index)
    for _ in 0..<6 {
      work(index)
      propagate(index)
    }
    schedule(index)
    if !links[index].isUp, !links[index].isBelieved { dial(index) }
    agents[index].readLimits(edits: auditor.edits)
    publish(index)
    while links[index].isBelieved, !links[index].isUp || !links[index].messages.isEmpty {
      try deliver(from: index, twice: false, using: &dice)
    }
  }

  private func checkRest() throws(Violation) {
    for project in 0..<people.parts.upperBound {
      guard let grant = grant(of: project) else { continue }
      let name = names.projects[project]
      let standing = host.state.standing(of: name)
      let above = grant.terms.parent.flatMap { shape.hasTree ? granted[$0] : nil }
      let isHeld = above.map { stands(grant, where: $0) } ?? true
      guard standing.state == (isHeld ? .ok : .unenforced) || shape.policy == .report else {
        throw Violation(
          step: step, rule: "all comes to rest",
          detail: "\(name) is \(standing.state): \(standing.reasons.joined(separator: "; "))")
      }
      let limits = clusters.indices.filter { grant.clusters[$0] }.map {
        clusters[$0].accounts[project].enforced
      }
      let sum = limits.reduce(Load.zero, &+)
      let isWithin = (0..<2).allSatisfy { grant.cap[$0] >= Load.unlimited[$0] || sum[$0] <= grant.cap[$0] }
      guard shape.policy == .report || isWithin else {
        throw Violation(
          step: step, rule: "the limits add up to the cap", detail: "\(name): \(limits) over \(grant.cap)"
        )
      }
    }
  }

  /// With work in one cluster only, it gets all of the cap there, and all that it may borrow of the others, which have
  /// none; but no more than each above it gets.
  private func checkUse(of project: Int) throws(Violation) {
    let lineage =
      people.isPart(project) ? [project] + lineage(of: people.project(of: project)) : lineage(of: project)
    let index = clusters.indices.first { index in
      lineage.allSatisfy { grant(of: $0)?.clusters[index] ?? false }
    }
    guard let index else { return }
    let cluster = clusters[index]
    cluster.waiting = Array(repeating: (project, Load(1, 0)), count: Int(cluster.size[0]))
    for _ in 0..<Self.rounds { try calmRound() }
    let most = lineage.reduce(cluster.size[0]) { min($0, reach(of: $1)) }
    let used = cluster.used(by: project)[0]
    cluster.jobs = []
    cluster.waiting = []
    guard used == most else {
      throw Violation(
        step: step, rule: "nothing that was granted is lost for use",
        detail: "\(names.projects[project]) uses \(used) in c\(index), could use \(most)")
    }
  }

  /// CPUs that it can have when no sibling needs any.
  private func reach(of project: Int) -> Int64 {
    guard let grant = grant(of: project) else { return 0 }
    guard !people.isPart(project) else { return grant.cap[0] }
    let lent = granted.indices.reduce(Int64(0)) { sum, other in
      guard other != project, let sibling = granted[other], sibling.terms.parent == grant.terms.parent else {
        return sum
      }
      return sum + min(sibling.terms.lend[0], sibling.cap[0])
    }
    return grant.cap[0] + min(grant.terms.borrow[0], lent)
  }
}
