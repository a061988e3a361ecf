import Core
import Model
import Quota

/// Clusters with the manners of Slurm, for tests of one thing at a time. All amounts are whole CPUs of one project.
/// What goes wrong at random is `Simulation`'s.
struct World {
  final class Cluster {
    let name: ClusterName
    let size: Int
    var exists: Bool
    var limit: Int?
    var running: [(cpus: Int, ends: Int)] = []
    var waiting: [Int] = []
    var boot: Int64 = 1
    var highest: WriteNumber?
    var applied: WriteNumber?
    var isSettled = true
    /// Handed over and not yet executed.
    var mail: [(number: WriteNumber, limit: Int?)] = []
    var isLinked = false
    /// A limit of before the last save, which a crash of the controller revives.
    var savedLimit: Int?

    init(name: ClusterName, size: Int, limit: Int?, exists: Bool) {
      self.name = name
      self.size = size
      self.limit = limit
      self.exists = exists
      savedLimit = limit
    }

    var used: Int { running.reduce(0) { $0 + $1.cpus } }

    func start() {
      guard exists else { return }
      let room = min(limit ?? size, size)
      waiting.removeAll { cpus in
        guard used + cpus <= room else { return false }
        running.append((cpus, Int.max))
        return true
      }
    }
  }

  static let project = name("demo", ProjectTag.self)
  static let account = name("demo", AccountTag.self)

  var state: State
  var clusters: [Cluster]
  var cap: Int
  var now: Int64 = 0

  init(cap: Int, limits: [Int?], exists: Bool = true) {
    self.cap = cap
    clusters = limits.enumerated().map { index, limit in
      Cluster(name: name("c\(index)", ClusterTag.self), size: 64, limit: limit, exists: exists)
    }
    state = State(
      term: 1, projects: [], clusters: clusters.map(\.name), drained: [],
      lastWrites: NameMap(), driftPolicy: .restore)
  }

  var time: Timestamp { Timestamp(milliseconds: now) }

  mutating func setProject(cap: Int) {
    self.cap = cap
    var bindings = NameMap<ClusterTag, ClusterBinding>()
    for cluster in clusters { bindings[cluster.name] = ClusterBinding(account: Self.account) }
    let project = Project(name: Self.project, limits: [.cpu: Amount(units: Int64(cap))], clusters: bindings)
    feed(.setProject(project, acceptsUnenforced: false))
  }

  mutating func feed(_ input: Input) {
    let step = state.step(input, at: time)
    for case .write(let cluster, let number, let projects) in step.effects {
      guard let index = clusters.firstIndex(where: { $0.name == cluster }) else { continue }
      let limit =
        projects == [Self.project] ? state.share(of: Self.project, in: cluster)?.allotment[.cpu] : nil
      clusters[index].mail.append((number, limit.map { Int($0.units) }))
    }
  }

  mutating func link(_ cluster: Cluster) {
    cluster.isLinked = true
    feed(.linked(cluster.name, lastWrite: cluster.highest))
    report(cluster)
  }

  mutating func unlink(_ cluster: Cluster) {
    guard cluster.isLinked else { return }
    cluster.isLinked = false
    feed(.unlinked(cluster.name))
  }

  /// The agent takes the oldest write from its mail.
  mutating func execute(_ cluster: Cluster, answering: Bool) {
    guard !cluster.mail.isEmpty else { return }
    let write = cluster.mail.removeFirst()
    let isOutdated = cluster.highest.map { write.number <= $0 } ?? false
    if !isOutdated {
      cluster.highest = write.number
      cluster.exists = cluster.exists || write.limit != nil
      cluster.limit = write.limit ?? cluster.limit
      cluster.applied = write.number
    }
    guard cluster.isLinked else { return }
    if !answering {
      // An answer is lost only with its link.
      unlink(cluster)
    } else {
      feed(.writeEnded(cluster.name, write.number, isOutdated ? .refused("outdated") : .taken(failures: [:])))
    }
  }

  mutating func report(_ cluster: Cluster, serial: Int64 = 0) {
    guard cluster.isLinked else { return }
    let sighting = Sighting(
      accountExists: cluster.exists,
      limits: cluster.limit.map { [.cpu: Amount(units: Int64($0))] } ?? TRESAmounts(),
      used: [.cpu: Amount(units: Int64(cluster.used))],
      pending: [.cpu: Amount(units: Int64(cluster.waiting.reduce(0, +)))],
      runningJobs: cluster.running.count, pendingJobs: cluster.waiting.count)
    let size: TRESAmounts = [.cpu: Amount(units: Int64(cluster.size))]
    let free: TRESAmounts = [.cpu: Amount(units: Int64(cluster.size - cluster.used))]
    let head = Report.Head(
      serial: serial,
      bootTime: Timestamp(seconds: cluster.boot), age: 0, applied: cluster.applied,
      isSettled: cluster.isSettled,
      capacity: size, free: free, voids: [])
    feed(
      .report(cluster.name, Report(head: head, accounts: [.init(account: Self.account, sighting: sighting)])))
  }

  /// sluiced dies and comes back with what the ledger keeps: a new term, and nothing seen.
  mutating func crash() { start(from: state, term: state.term + 1) }

  /// As a crash, and its ledger is an older copy.
  mutating func restore(_ old: State) { start(from: old, term: old.term + 1) }

  private mutating func start(from state: State, term: Int64) {
    for cluster in clusters where cluster.isLinked { cluster.isLinked = false }
    let kept = state.projectNames.compactMap { state.projects[$0] }.map(asKept)
    self.state = State(
      term: term, projects: kept, clusters: clusters.map(\.name), drained: [],
      lastWrites: state.lastWrites, driftPolicy: .restore)
  }

  /// Rounds in which nothing fails: what must hold in the end.
  mutating func settle(rounds: Int = 40, only indices: [Int]? = nil) {
    let clusters = indices.map { $0.map { self.clusters[$0] } } ?? clusters
    for cluster in clusters where !cluster.isLinked { link(cluster) }
    for _ in 0..<rounds {
      now += 500
      feed(.tick)
      for cluster in clusters {
        execute(cluster, answering: true)
        cluster.start()
        report(cluster)
      }
    }
  }

  var total: Int { clusters.reduce(0) { $0 + $1.used } }
}

func name<Tag: NameTag>(_ text: String, _: Tag.Type) -> Name<Tag> {
  do { return try Name<Tag>(text) } catch { preconditionFailure("\(error)") }
}

/// A quota as a start finds it in the ledger: nothing was seen.
func asKept(_ quota: ProjectQuota) -> ProjectQuota {
  var quota = quota
  for cluster in quota.shares.names {
    quota.shares.update(cluster) {
      $0.seen = nil
      $0.isCurrent = false
      $0.demand = Demand()
    }
  }
  return quota
}
