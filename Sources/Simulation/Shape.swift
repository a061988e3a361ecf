internal import Quota

/// What an administrator grants a project: caps, clusters, and how it stands to others; and its users.
struct Grant: Equatable {
  var cap: Load
  var clusters: [Bool]
  var terms: Terms
  /// The cap of each member; unlimited for none.
  var perUser = Load.unlimited
  /// Of each user of the world, whether he is one.
  var members: [Bool] = []

  /// What that user may have by himself; nil when nothing says so.
  func part(_ user: Int) -> Grant? {
    guard members[user], perUser != .unlimited else { return nil }
    return Grant(cap: perUser, clusters: clusters, terms: Terms())
  }
}

/// What a project may have beyond its cap, what of its cap others may, and who is above it: a project of the world, or one
/// of the names in `WorldNames.parents` that is none.
struct Terms: Equatable, Sendable {
  var borrow = Load.zero
  var lend = Load.zero
  var parent: Int?

  /// Only what can be granted beside `cap`: the top has no siblings, and what has no cap is neither lent nor borrowed.
  func fitting(_ cap: Load) -> Terms {
    guard parent != nil else { return Terms() }
    var terms = self
    for (lane, _) in Lane.all where cap[lane] >= Load.unlimited[lane] {
      terms.borrow[lane] = 0
      terms.lend[lane] = 0
    }
    terms.lend = pointwiseMin(terms.lend, cap)
    return terms
  }
}

/// What a seed makes a world of. Each kind that came later is drawn by dice of its own, so that worlds without it are what
/// they were.
struct Shape {
  let clusters: [SimulatedCluster]
  /// Of each project to begin with; zero for all in most worlds.
  let terms: [Terms]
  let policy: DriftPolicy
  /// Projects may stand below one another, and so do their accounts.
  let hasTree: Bool
  /// Commands change also what is lent and borrowed, and who is above whom.
  let hasChangingTerms: Bool
  /// Users, of whom projects may have some as members, and caps for each of them.
  let people: People

  init(seed: UInt64) {
    var dice = SeededRandom(seed: seed, step: -1)
    let clusterCount = [2, 2, 3, 3, 4][dice.below(5)]
    let projectCount = [1, 1, 2, 3][dice.below(4)]
    var flat = (0..<clusterCount).map { _ in Self.cluster(projectCount, using: &dice) }
    policy = dice.happens(15) ? .report : .restore
    let terms = Self.terms(of: projectCount, seed: seed)
    var treeDice = SeededRandom(seed: seed, step: -8)
    hasTree = projectCount > 1 && treeDice.happens(25)
    var peopleDice = SeededRandom(seed: seed, step: -23)
    let users = peopleDice.happens(25) ? People.most : 0
    guard !hasTree else {
      let count = treeDice.within(3...6)
      let people = People(projects: count, count: users)
      var trees = (0..<treeDice.within(2...3)).map { _ in Self.treeCluster(count, using: &treeDice) }
      if users > 0 { trees = trees.map { Self.settled($0, by: people, using: &peopleDice) } }
      clusters = trees
      self.people = people
      let haveLoans = treeDice.happens(60)
      self.terms = (0..<count).map { _ in haveLoans ? Self.drawnTerms(using: &treeDice) : Terms() }
      hasChangingTerms = true
      return
    }
    let people = People(projects: projectCount, count: users)
    if users > 0 { flat = flat.map { Self.settled($0, by: people, using: &peopleDice) } }
    clusters = flat
    self.people = people
    self.terms = terms
    var termsDice = SeededRandom(seed: seed, step: -36)
    hasChangingTerms = terms.contains { $0.borrow != .zero } && termsDice.happens(40)
  }

  private static func terms(of projects: Int, seed: UInt64) -> [Terms] {
    var dice = SeededRandom(seed: seed, step: -2)
    let haveLoans = projects > 1 && dice.happens(50)
    return (0..<projects).map { _ in
      var terms = haveLoans ? drawnTerms(using: &dice) : Terms()
      terms.parent = WorldNames.strangers[0]
      return terms
    }
  }

  static func drawnTerms(using dice: inout SeededRandom) -> Terms {
    Terms(
      borrow: dice.happens(60) ? Load(Int64(dice.within(1...12)), Int64(dice.within(0...4))) : .zero,
      lend: dice.happens(60) ? Load(Int64(dice.within(1...20)), Int64(dice.within(0...4))) : .zero)
  }

  private static func cluster(_ projects: Int, using dice: inout SeededRandom) -> SimulatedCluster {
    let kind: SimulatedCluster.Kind = dice.happens(70) ? .slurm : .kubernetes
    let size = drawnSize(using: &dice)
    let accounts = (0..<projects).map { _ in account(existing: kind == .kubernetes ? 100 : 60, using: &dice) }
    return SimulatedCluster(kind: kind, size: size, accounts: accounts)
  }

  /// The same with associations, some of which are there: so with the manners of Slurm, since Kubernetes has none.
  private static func settled(
    _ cluster: SimulatedCluster, by people: People, using dice: inout SeededRandom
  ) -> SimulatedCluster {
    let associations = people.parts.map { part in
      let above = people.project(of: part)
      var association = account(existing: 40, using: &dice)
      association.exists = association.exists && cluster.accounts[above].exists
      association.place = .init(above)
      association.mayKeepLimits = association.stored != .unlimited
      return association
    }
    return SimulatedCluster(
      kind: .slurm, size: cluster.size, accounts: cluster.accounts + associations, hasTree: cluster.hasTree,
      hasPeople: true)
  }

  static func drawnPerUser(using dice: inout SeededRandom) -> Load {
    guard dice.happens(75) else { return .unlimited }
    return Load(Int64(dice.within(0...8)), dice.happens(30) ? Int64(dice.within(0...3)) : Load.unlimited[1])
  }

  private static func drawnSize(using dice: inout SeededRandom) -> Load {
    Load(Int64([8, 16, 32][dice.below(3)]), Int64(dice.within(2...8)))
  }

  private static func account(
    existing percent: Int, using dice: inout SeededRandom
  ) -> SimulatedCluster.Account {
    let limit = dice.happens(50) ? Load.unlimited : Load(Int64(dice.within(0...12)), 1 << 40)
    return SimulatedCluster.Account(
      exists: percent >= 100 || dice.happens(percent), stored: limit, enforced: limit, saved: limit)
  }

  /// With the manners of Slurm: Kubernetes has no tree of accounts. Accounts that are there lie anywhere.
  private static func treeCluster(_ projects: Int, using dice: inout SeededRandom) -> SimulatedCluster {
    var accounts: [SimulatedCluster.Account] = []
    for _ in 0..<projects {
      var account = account(existing: 30, using: &dice)
      let others = accounts.indices.filter { accounts[$0].exists }
      if account.exists, !others.isEmpty, dice.happens(50) {
        account.place = .init(others[dice.below(others.count)])
      }
      accounts.append(account)
    }
    return SimulatedCluster(
      kind: .slurm, size: drawnSize(using: &dice), accounts: accounts, hasTree: true)
  }
}
