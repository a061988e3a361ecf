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
  let policy: DriftPolicy
  var host: SimulatedHost
  var links: [Link]
  var auditor: Auditor
  var now: Int64 = 1_000_000
  var step = 0
  /// What each project may borrow and lends; zero for all in most worlds.
  let terms: [Auditor.Terms]
  /// What the ledger must have of each project.
  var granted: [Grant?]
  /// The same of the backup, and which clusters it knows of.
  var backup: (granted: [Grant?], bound: [[Bool]])?
  /// Called with a line a step, when set.
  package var trace: ((String) -> Void)?

  /// A project's caps and clusters, as a command set them.
  struct Grant: Equatable {
    var cap: Load
    var clusters: [Bool]
  }

  package init(seed: UInt64) {
    self.seed = seed
    var dice = SeededRandom(seed: seed, step: -1)
    let clusterCount = [2, 2, 3, 3, 4][dice.below(5)]
    let projectCount = [1, 1, 2, 3][dice.below(4)]
    var clusters: [SimulatedCluster] = []
    for _ in 0..<clusterCount { clusters.append(Self.cluster(projectCount, using: &dice)) }
    self.clusters = clusters
    self.projectCount = projectCount
    agents = clusters.map { SimulatedAgent(of: $0) }
    policy = dice.happens(15) ? .report : .restore
    host = SimulatedHost(clusters: Array(WorldNames.all.clusters.prefix(clusterCount)), policy: policy)
    links = clusters.map { _ in Link() }
    terms = Self.terms(of: projectCount, seed: seed)
    auditor = Auditor(clusters: clusters, agents: agents, terms: terms)
    granted = Array(repeating: nil, count: projectCount)
  }

  /// By dice of their own, so that worlds without loans are what they were.
  private static func terms(of projects: Int, seed: UInt64) -> [Auditor.Terms] {
    var dice = SeededRandom(seed: seed, step: -2)
    let haveLoans = projects > 1 && dice.happens(50)
    return (0..<projects).map { _ in
      guard haveLoans else { return Auditor.Terms() }
      return Auditor.Terms(
        borrow: dice.happens(60) ? Load(Int64(dice.within(1...12)), Int64(dice.within(0...4))) : .zero,
        lend: dice.happens(60) ? Load(Int64(dice.within(1...20)), Int64(dice.within(0...4))) : .zero)
    }
  }

  private static func cluster(_ projects: Int, using dice: inout SeededRandom) -> SimulatedCluster {
    let kind: SimulatedCluster.Kind = dice.happens(70) ? .slurm : .kubernetes
    let size = Load(Int64([8, 16, 32][dice.below(3)]), Int64(dice.within(2...8)))
    var accounts: [SimulatedCluster.Account] = []
    for _ in 0..<projects {
      let limit = dice.happens(50) ? Load.unlimited : Load(Int64(dice.within(0...12)), 1 << 40)
      accounts.append(
        SimulatedCluster.Account(
          exists: kind == .kubernetes || dice.happens(60), stored: limit, enforced: limit, saved: limit))
    }
    return SimulatedCluster(
      kind: kind, size: size, accounts: accounts)
  }

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
      links[WorldNames.all.cluster(name)].follow()
    case .write(let name, let number, let projects):
      let index = WorldNames.all.cluster(name)
      let rows = projects.compactMap { row(for: $0, in: name) }
      // The dead one's last lines are in the socket.
      let line = SimulatedAgent.Line(number: number, rows: rows, connection: links[index].number)
      guard links[index].isUp || !isAlive else { return }
      say("-> c\(index) write \(number) \(rows.map { "p\($0.project) \($0.limits.map { $0 ?? -1 })" })")
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
    return SimulatedAgent.Row(project: WorldNames.all.project(project), limits: limits)
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
      let kept = host.state.projects[WorldNames.all.projects[project]]?.project
      guard kept?.limits == granted[project]?.cap.amounts else {
        throw Violation(
          step: step, rule: "what was acknowledged is kept",
          detail: "p\(project) has \(kept.map { "\($0.limits)" } ?? "nothing"), granted was "
            + "\(granted[project].map { "\($0.cap)" } ?? "nothing")")
      }
    }
  }

  /// The connection breaks. The coordinator learns it later; what was on its way to the agent may still be read.
  func cut(_ index: Int, keepingMail: Bool) {
    guard links[index].isUp else { return }
    links[index].close()
    auditor.ended(in: index)
    agents[index].hangUp(keepingMail: keepingMail)
  }
}
