internal import Core
internal import Model

/// What can happen in a step. Each draws what it needs from the step's own random numbers.
enum Action: CaseIterable {
  case submit, finish, giveUp, schedule
  case readLimits, readJobs, deliver, deliverTwice, work, readLateMail, tick, wait, dial
  case cut, command, drain
  case killHost, backUp, restore
  case killAgent, startAgent, settleLoose
  case propagate, save, stopController, crashController, startController, endLostJobs
  case stopDatabase, startDatabase, edit
  case calm

  /// How often it happens, beside the others.
  private var weight: Int {
    switch self {
    case .readLimits, .readJobs, .deliver: 110
    case .work: 90
    case .schedule: 60
    case .submit, .finish: 50
    case .tick, .dial: 30
    case .readLateMail, .propagate, .startController, .startAgent, .startDatabase, .settleLoose: 12
    case .save, .wait, .command: 8
    case .deliverTwice, .edit, .cut, .giveUp, .endLostJobs: 7
    case .killHost, .killAgent, .stopController, .backUp, .drain: 4
    case .crashController, .stopDatabase: 3
    case .restore: 2
    case .calm: 0
    }
  }

  /// Each action as often as it weighs.
  private static let lots = allCases.flatMap { Array(repeating: $0, count: $0.weight) }
  /// The same where administrators have more to change, which only tells where work goes on.
  private static let busyLots =
    lots
    + [(.command, 16), (.edit, 4), (.submit, 40), (.calm, 100)].flatMap { Array(repeating: $0, count: $1) }

  static func drawn(busy isBusy: Bool, using dice: inout SeededRandom) -> Action {
    let lots = isBusy ? busyLots : lots
    return lots[dice.below(lots.count)]
  }
}

extension World {
  /// One step: one thing happens somewhere, and the auditor looks.
  package func act(step: Int) throws(Violation) {
    self.step = step
    var dice = SeededRandom(seed: seed, step: step)
    // A clock may stand still, and never goes back.
    now += dice.happens(15) ? 0 : Int64(dice.within(1...400))
    let action = Action.drawn(busy: shape.hasChangingTerms, using: &dice)
    let index = dice.below(clusters.count)
    finishMoves(in: index)
    try perform(action, in: index, using: &dice)
    try auditor.check(step: step)
  }

  private func perform(_ action: Action, in index: Int, using dice: inout SeededRandom) throws(Violation) {
    switch action {
    case .submit, .finish, .giveUp, .schedule: workload(action, in: index, using: &dice)
    case .readLimits, .readJobs, .work: agent(action, in: index, using: &dice)
    case .killAgent, .startAgent, .settleLoose, .readLateMail: agent(action, in: index, using: &dice)
    case .deliver: try deliver(from: index, twice: false, using: &dice)
    case .deliverTwice: try deliver(from: index, twice: true, using: &dice)
    case .tick: try feed(.tick, dying: death(using: &dice))
    case .wait: now += Int64(dice.within(1_000...40_000))
    case .dial: dial(index)
    case .cut:
      say("the link to c\(index) breaks")
      cut(index, keepingMail: dice.happens(50))
    case .command: try command(using: &dice)
    case .calm: try calm(index, using: &dice)
    case .drain: try feed(.drain(names.clusters[index], dice.happens(40)))
    case .killHost:
      say("sluiced is killed")
      host.restart()
      try noteRestart()
    case .backUp: backUp()
    case .restore: try restore()
    default: outside(action, in: index, using: &dice)
    }
  }

  /// For so many steps most jobs are one project's.
  private static let longestRush = 150

  private func workload(_ action: Action, in index: Int, using dice: inout SeededRandom) {
    let cluster = clusters[index]
    switch action {
    case .submit:
      guard cluster.waiting.count < 12 else { return }
      let gpus = dice.happens(30) ? dice.within(1...3) : 0
      var project = dice.below(projectCount)
      // One after the other has much to do, and the others lend.
      if shape.hasChangingTerms, dice.happens(70) { project = step / Self.longestRush % projectCount }
      cluster.waiting.append(
        (submitter(in: project, at: index, using: &dice), Load(Int64(dice.within(1...4)), Int64(gpus))))
    case .finish:
      guard !cluster.jobs.isEmpty else { return }
      cluster.jobs.remove(at: dice.below(cluster.jobs.count))
    case .giveUp:
      guard !cluster.waiting.isEmpty else { return }
      cluster.waiting.remove(at: dice.below(cluster.waiting.count))
    default:
      schedule(index)
    }
  }

  /// Beside lost jobs the controller lets in more than it would: that is not Sluice's doing.
  func schedule(_ index: Int) {
    let cluster = clusters[index]
    if cluster.jobs.contains(where: { !$0.isKnown }) {
      auditor.outside(index) { cluster.schedule() }
    } else {
      cluster.schedule()
    }
  }

  /// What happens at the cluster, by operators and by failures.
  private func outside(_ action: Action, in index: Int, using dice: inout SeededRandom) {
    let cluster = clusters[index]
    say("c\(index) \(action)")
    switch action {
    case .propagate: propagate(index)
    case .save: cluster.save()
    case .stopController: cluster.stopController(crashing: false)
    case .crashController: cluster.stopController(crashing: true)
    // Without slurmdbd it revives what its state file has.
    case .startController: auditor.outside(index) { cluster.startController() }
    case .endLostJobs: cluster.endLostJobs()
    case .stopDatabase: cluster.isDatabaseUp = false
    case .startDatabase: cluster.isDatabaseUp = true
    default: edit(index, using: &dice)
    }
  }

  /// Where it is somebody's limit that takes effect only now, that is their doing.
  func propagate(_ index: Int) {
    let cluster = clusters[index]
    let edited = cluster.accounts.indices.filter {
      cluster.accounts[$0].isEdited && cluster.accounts[$0].stored != cluster.accounts[$0].enforced
    }
    auditor.outside(index, of: edited) { cluster.propagate() }
  }

  private func edit(_ index: Int, using dice: inout SeededRandom) {
    let cluster = clusters[index]
    guard cluster.isDatabaseUp else { return }
    let project = dice.below(cluster.accounts.count)
    let isPart = people.isPart(project)
    if shape.hasTree, !isPart, dice.happens(50) { return move(project, in: index, using: &dice) }
    let isMade = isPart && cluster.accounts[people.project(of: project)].exists && dice.happens(30)
    let limit = dice.happens(30) ? Load.unlimited : Load(Int64(dice.within(0...20)), 1 << 40)
    say("somebody sets \(names.projects[project]) in c\(index) to \(limit)")
    auditor.outside(index) {
      cluster.accounts[project].stored = limit
      cluster.accounts[project].isEdited = true
      if isPart { cluster.accounts[project].mayKeepLimits = true }
      if isMade { cluster.accounts[project].exists = true }
      if cluster.kind == .slurm { cluster.propagate() }
    }
  }

  private func agent(_ action: Action, in index: Int, using dice: inout SeededRandom) {
    let agent = agents[index]
    switch action {
    case .readLimits: agent.readLimits(edits: auditor.edits)
    case .readJobs: publish(index)
    case .work: work(index)
    case .killAgent:
      say("the agent of c\(index) is killed")
      agent.crash(leavingLoose: dice.happens(60))
      cut(index, keepingMail: false)
    case .startAgent: agent.start()
    case .readLateMail: agent.readLateMail()
    default:
      say("c\(index) settles what was loose")
      agent.settleLoose(committing: dice.happens(50))
    }
  }

  func dial(_ index: Int) {
    guard agents[index].isUp, !links[index].isUp, !links[index].isBelieved else { return }
    links[index].open(lastWrite: agents[index].highest)
    links[index].isBelieved = true
  }

  func death(using dice: inout SeededRandom) -> SimulatedHost.Death? {
    guard dice.happens(1) else { return nil }
    return [.beforeCommit, .beforeEffects, .amidEffects][dice.below(3)]
  }
}
