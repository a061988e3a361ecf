internal import Core
internal import Model
internal import Quota

/// Clusters, agents, links and a coordinator that one seed makes, and the auditor that watches them. The same
/// seed and steps give the same world in every process.
package final class World {
  let seed: UInt64
  let clusters: [SimulatedCluster]
  let agents: [SimulatedAgent]
  let projectCount: Int
  let shape: Shape
  let names: WorldNames
  var host: SimulatedHost
  var links: [Link]
  var auditor: Auditor
  var now: Int64 = 1_000_000
  var step = 0
  /// What the ledger must have of each project.
  var granted: [Grant?]
  /// The same of the backup, and which clusters it knows of.
  var backup: (granted: [Grant?], bound: [[Bool]])?
  /// Called with a line a step, when set.
  package var trace: ((String) -> Void)?

  package init(seed: UInt64) {
    self.seed = seed
    shape = Shape(seed: seed)
    clusters = shape.clusters
    projectCount = shape.terms.count
    names = .tables[projectCount]
    agents = clusters.map { SimulatedAgent(of: $0) }
    host = SimulatedHost(
      clusters: Array(names.clusters.prefix(clusters.count)), policy: shape.policy)
    links = clusters.map { _ in Link() }
    auditor = Auditor(clusters: clusters, agents: agents, projects: shape.people.parts.upperBound)
    granted = Array(repeating: nil, count: projectCount)
  }

  var people: People { shape.people }
  var time: Timestamp { Timestamp(milliseconds: now) }

  func say(_ text: @autoclosure () -> String) { trace?("\(step) \(text())") }

  // MARK: The coordinator

  /// Feeds the core, performs what it decides, and has the auditor look.
  func feed(_ input: Input, dying death: SimulatedHost.Death? = nil) throws(Violation) {
    let effects = host.feed(input, at: time, dying: death)
    if death != nil {
      say("sluiced dies \(death.map { "\($0)" } ?? "")")
      try noteRestart()
    }
    for effect in effects { try perform(effect, isAlive: death == nil) }
  }

  private func perform(_ effect: Effect, isAlive: Bool) throws(Violation) {
    switch effect {
    case .fence:
      break
    case .follow(let name):
      links[names.cluster(name)].follow()
    case .write(let name, let number, let projects):
      let index = names.cluster(name)
      let rows = projects.compactMap { row(for: $0, in: name) }
      try checkPlaces(of: rows, in: index)
      // The dead one's last lines are in the socket.
      let line = SimulatedAgent.Line(number: number, rows: rows, connection: links[index].number)
      guard links[index].isUp || !isAlive else { return }
      say(
        "-> c\(index) write \(number) \(rows.map { "\(names.projects[$0.project]) \($0.limits.map { $0 ?? -1 })" })"
      )
      try auditor.sent(line, to: index, step: step)
      if !isAlive { auditor.ended(in: index) }
      agents[index].send(line, isLate: !isAlive)
    }
  }

  private func row(for project: ProjectName, in cluster: ClusterName) -> SimulatedAgent.Row? {
    guard let share = host.state.share(of: project, in: cluster) else { return nil }
    let limits = Lane.all.map { _, tres -> Int64? in
      if let amount = share.allotment[tres] { return amount.units }
      return share.cleared.contains(tres) ? Load.unlimited[0] : nil
    }
    let index = names.project(project)
    let isPart = people.isPart(index)
    return SimulatedAgent.Row(
      project: index, above: isPart ? people.project(of: index) : accountAbove(project, in: cluster),
      limits: limits, members: isPart || people.count == 0 ? [] : members(toMakeWith: index),
      isLifting: isPart && share.allotment.isEmpty)
  }

  /// With caps per user each of them comes with his limit, and never without.
  private func members(toMakeWith project: Int) -> [Int] {
    guard let granted = host.state.projects[names.projects[project]]?.project, granted.perUser.isEmpty else {
      return []
    }
    return (0..<people.count).filter { granted.members[names.users[$0]] != nil }.map {
      people.part($0, of: project)
    }
  }

  /// A new coordinator has nothing but its ledger, and every link is cut.
  func noteRestart() throws(Violation) {
    for index in links.indices {
      cut(index, keepingMail: true)
      links[index].isBelieved = false
    }
    try checkLedger()
  }

  /// Nothing that was acknowledged is lost.
  func checkLedger() throws(Violation) {
    for project in granted.indices {
      let kept = host.state.projects[names.projects[project]]?.project
      let wanted = granted[project].map { self.project(project, as: $0) }
      guard kept == wanted else {
        throw Violation(
          step: step, rule: "what was acknowledged is kept",
          detail: "p\(project) is \(kept.map { "\($0)" } ?? "gone"), granted was "
            + "\(wanted.map { "\($0)" } ?? "nothing")")
      }
      for part in people.parts(of: project) { try checkLedger(ofPart: part) }
    }
  }

  private func checkLedger(ofPart part: Int) throws(Violation) {
    guard let grant = grant(of: part) else { return }
    let kept = host.state.projects[names.projects[part]]?.project.limits
    guard kept != grant.cap.amounts else { return }
    throw Violation(
      step: step, rule: "what was acknowledged is kept",
      detail: "\(names.projects[part]) has \(kept.map { "\($0)" } ?? "nothing"), granted was \(grant.cap)")
  }

  /// The connection breaks. The coordinator learns it later; what was on its way to the agent may still be read.
  func cut(_ index: Int, keepingMail: Bool) {
    guard links[index].isUp else { return }
    links[index].close()
    auditor.ended(in: index)
    agents[index].hangUp(keepingMail: keepingMail)
  }
}
