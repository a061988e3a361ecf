import Core
import Model
import Quota

/// Clusters in which a project's users have associations with limits of their own, for tests of caps per user. All amounts
/// are whole CPUs.
struct UserWorld {
  final class Cluster {
    let name: ClusterName
    /// Of accounts and users' associations; of one that isn't there, nothing.
    var limits: [AccountName: TRESAmounts] = [:]
    var running: [(user: String, cpus: Int64)] = []
    var waiting: [(user: String, cpus: Int64)] = []
    var mail:
      [(number: WriteNumber, changes: [(account: AccountName, limits: TRESAmounts, cleared: [TRES])])] = []
    var applied: WriteNumber?

    init(_ text: String) { name = CoreTests.name(text, ClusterTag.self) }

    func used(by user: String) -> Int64 { running.reduce(0) { $0 + ($1.user == user ? $1.cpus : 0) } }

    func start(in account: AccountName) {
      waiting.removeAll { job in
        let own = UserWorld.association(job.user, of: account)
        guard let limits = limits[own], let most = self.limits[account] else { return false }
        let total = running.reduce(job.cpus) { $0 + $1.cpus }
        guard used(by: job.user) + job.cpus <= (limits[.cpu]?.units ?? 64), total <= (most[.cpu]?.units ?? 64)
        else { return false }
        running.append(job)
        return true
      }
    }
  }

  static let account = name("gen", AccountTag.self)
  static let project = name("genomics", ProjectTag.self)

  static func association(_ user: String, of account: AccountName) -> AccountName {
    .user(name(user, UserTag.self), of: account)
  }

  static func quota(_ user: String) -> ProjectName { .user(name(user, UserTag.self), of: project) }

  var state: State
  let clusters: [Cluster]
  let userMap: UserMap
  private var now: Int64 = 0
  private var serial: Int64 = 0

  init(userMap: UserMap = [:]) {
    self.userMap = userMap
    clusters = ["alpha", "beta"].map { Cluster($0) }
    state = State(
      term: 1, projects: [], clusters: clusters.map(\.name), drained: [], lastWrites: NameMap(),
      driftPolicy: .restore, userMap: userMap)
  }

  func grant(perUser: Int64?, members: [String], in clusters: [Int] = [0, 1]) -> Project {
    var project = Project(name: Self.project, limits: [.cpu: Amount(units: 60)], clusters: [:])
    if let perUser { project.perUser = [.cpu: Amount(units: perUser)] }
    for member in members { project.members[name(member, UserTag.self)] = .user }
    for index in clusters {
      project.clusters[self.clusters[index].name] = ClusterBinding(account: Self.account)
    }
    return project
  }

  mutating func set(perUser: Int64?, members: [String], in clusters: [Int] = [0, 1]) {
    feed(.setProject(grant(perUser: perUser, members: members, in: clusters), acceptsUnenforced: false))
  }

  mutating func feed(_ input: Input) {
    let step = state.step(input, at: Timestamp(milliseconds: now))
    for case .write(let cluster, let number, let names) in step.effects {
      let changes = names.compactMap { name in
        state.share(of: name, in: cluster).map { ($0.account, $0.allotment, $0.cleared) }
      }
      clusters.first { $0.name == cluster }?.mail.append((number, changes))
    }
  }

  private mutating func execute(_ cluster: Cluster) {
    while !cluster.mail.isEmpty {
      let write = cluster.mail.removeFirst()
      for change in write.changes where cluster.limits[change.account] != nil || !change.limits.isEmpty {
        var limits = cluster.limits[change.account] ?? [:]
        for (tres, amount) in change.limits { limits[tres] = amount }
        for tres in change.cleared { limits[tres] = nil }
        cluster.limits[change.account] = limits
      }
      cluster.applied = write.number
      feed(.writeEnded(cluster.name, write.number, .taken(failures: [:])))
    }
  }

  private mutating func report(_ cluster: Cluster) {
    serial += 1
    let rows = (state.clusters[cluster.name]?.projectOfAccount.keys.sorted() ?? []).map { account in
      let mine = { (job: (user: String, cpus: Int64)) in
        account.parts.map { $0.user.text == job.user } ?? true
      }
      let sum = { (jobs: [(user: String, cpus: Int64)]) -> TRESAmounts in
        [.cpu: Amount(units: jobs.filter(mine).reduce(0) { $0 + $1.cpus })]
      }
      return Report.Row(
        account: account,
        sighting: Sighting(
          accountExists: cluster.limits[account] != nil, limits: cluster.limits[account] ?? [:],
          used: sum(cluster.running), pending: sum(cluster.waiting),
          runningJobs: cluster.running.filter(mine).count, pendingJobs: cluster.waiting.filter(mine).count))
    }
    let size: TRESAmounts = [.cpu: Amount(units: 64)]
    let head = Report.Head(
      serial: serial, bootTime: Timestamp(seconds: 1), age: 0, applied: cluster.applied, isSettled: true,
      capacity: size, free: [.cpu: Amount(units: 64 - cluster.running.reduce(0) { $0 + $1.cpus })], voids: [])
    feed(.report(cluster.name, Report(head: head, accounts: rows)))
  }

  mutating func link() { for cluster in clusters { feed(.linked(cluster.name, lastWrite: cluster.applied)) } }

  /// - Parameter check: after each round.
  mutating func settle(rounds: Int = 40, only indices: [Int] = [0, 1], check: (UserWorld) -> Void = { _ in })
  {
    for _ in 0..<rounds {
      now += 500
      feed(.tick)
      for index in indices {
        execute(clusters[index])
        clusters[index].start(in: Self.account)
        report(clusters[index])
      }
      check(self)
    }
  }

  /// sluiced starts anew, from what its ledger has.
  mutating func restart(userMap: UserMap? = nil) {
    let kept = state.quotaNames.compactMap { state.projects[$0] }.map(asKept)
    state = State(
      term: state.term + 1, projects: kept, clusters: clusters.map(\.name), drained: [],
      lastWrites: state.lastWrites, driftPolicy: .restore, userMap: userMap ?? self.userMap)
    link()
  }

  /// The map by which one cluster calls that user otherwise.
  func calling(_ user: String, _ other: String, in index: Int) -> UserMap {
    [clusters[index].name: [name(user, UserTag.self): name(other, UserTag.self)]]
  }

  func used(by user: String) -> Int64 { clusters.reduce(0) { $0 + $1.used(by: user) } }

  func limits(of user: String) -> [TRESAmounts?] {
    clusters.map { $0.limits[Self.association(user, of: Self.account)] }
  }

  func cpus(of user: String) -> Int64 { limits(of: user).reduce(0) { $0 + ($1?[.cpu]?.units ?? 0) } }
}
