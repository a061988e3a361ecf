internal import Core
internal import Model
internal import Quota

/// How many inputs the core takes in a second: reports in which one project's usage has changed, and the writes and
/// confirmations that follow from them.
let coreDecisions = Measurement([
  Figure("core.decisions", "a second with 10,000 projects and 100 clusters", .atLeast(200_000)),
  Figure("core.decisions.growth", "times the time at 1,000 projects when there are 100,000", .atMost(1.5)),
]) {
  var rates: [Int: [Double]] = [:]
  var fields = try [1_000, 10_000, 100_000].map { try CoreField(projects: $0, clusters: 100) }
  // Turn by turn, so that what else the machine does meets all alike.
  for _ in 0..<5 {
    for index in fields.indices {
      rates[fields[index].projectCount, default: []].append(try fields[index].rate(ofChanges: 20_000))
    }
  }
  let medians = rates.mapValues { quantile(0.5, of: $0) }
  guard let small = medians[1_000], let middle = medians[10_000], let large = medians[100_000] else {
    throw NotMeasured("no round was run")
  }
  note("at 1,000, 10,000 and 100,000 projects: \(text(small)), \(text(middle)), \(text(large)) a second")
  return [middle, small / large]
}

/// How long the core takes for a report, in a tree of projects.
let coreReport = Measurement([
  Figure(
    "core.report",
    "us to decide on a report that touches 100 of 100,000 projects, in trees of 6 levels", .atMost(1_000))
]) {
  var field = try CoreField(projects: 100_000, clusters: 100, treeSize: 63)
  let times = (0..<500).map { _ in field.timeOfReport(touching: 100) }
  note("longest of 500: \(text(quantile(1, of: times) * 1e6)) us")
  return [quantile(0.5, of: times) * 1e6]
}

/// Projects, each in three clusters, brought to rest; and clusters that do at once what they are told.
private struct CoreField {
  let projectCount: Int
  /// So many projects form a tree, each above two others; all of it is in the same clusters.
  private let treeSize: Int
  private let clusters: [ClusterName]
  private let projects: [ProjectName]
  private let accounts: [AccountName]
  /// Of each account, those above it.
  private var above: [[AccountName]] = []
  private var state: State
  private var serials: [Int64]
  private var now: Int64 = 1_000_000
  private var steps = 0
  /// What the steps took; that clusters answer at once is the bench's own work.
  private var spent = Duration.zero
  private var turn = 0

  init(projects count: Int, clusters clusterCount: Int, treeSize: Int = 1) throws {
    projectCount = count
    self.treeSize = treeSize
    clusters = try (0..<clusterCount).map { try ClusterName("cluster\($0)") }
    projects = try (0..<count).map { try ProjectName("project\($0)") }
    accounts = try (0..<count).map { try AccountName("project\($0)") }
    serials = Array(repeating: 0, count: clusterCount)
    state = State(
      term: 1, projects: [], clusters: clusters, drained: [], lastWrites: NameMap(), driftPolicy: .restore)
    let start = ContinuousClock.now
    defer {
      note("\(count) projects are at rest after \(text((ContinuousClock.now - start) / .seconds(1))) s")
    }
    for project in 0..<count {
      above.append(parent(of: project).map { [accounts[$0]] + above[$0] } ?? [])
    }
    for cluster in clusters { feed(.linked(cluster, lastWrite: nil)) }
    for project in 0..<count { try grant(project) }
    for _ in 0..<3 { for project in 0..<count { for place in 0..<3 { report(project, place, pending: 0) } } }
    for project in projects where state.standing(of: project).state != .ok {
      throw NotMeasured("\(project) is not at rest: \(state.standing(of: project).reasons)")
    }
  }

  private func cluster(_ project: Int, _ place: Int) -> Int {
    (project / treeSize * 7 + place * 31) % clusters.count
  }

  private func parent(of project: Int) -> Int? {
    let place = project % treeSize
    return place > 0 ? project - place + (place - 1) / 2 : nil
  }

  private mutating func grant(_ project: Int) throws {
    var bindings = NameMap<ClusterTag, ClusterBinding>()
    for place in 0..<3 {
      bindings[clusters[cluster(project, place)]] = ClusterBinding(account: accounts[project])
    }
    feed(
      .setProject(
        Project(
          name: projects[project], parent: parent(of: project).map { projects[$0] },
          limits: [.cpu: Amount(units: 96)], clusters: bindings),
        acceptsUnenforced: false))
  }

  /// So many jobs come to wait, or cease to, one project after the other.
  mutating func rate(ofChanges changes: Int) throws -> Double {
    (steps, spent) = (0, .zero)
    for _ in 0..<changes {
      turn += 1
      // A walk over all of them that jumps, so that no cache helps that wouldn't in use.
      let project = (turn * 7_919) % projectCount
      now += 1
      report(project, turn % 3, pending: Int64(turn / 3 % 2) * 60)
    }
    return Double(steps) / (spent / .seconds(1))
  }

  private mutating func report(_ project: Int, _ place: Int, pending: Int64) {
    let index = cluster(project, place)
    tell([row(of: project, in: index, pending: pending)], in: index, after: nil)
  }

  /// One cluster reports so many projects whose jobs have come to wait, or ceased to. Returns the seconds that the decision
  /// takes; what follows from it isn't counted.
  mutating func timeOfReport(touching count: Int) -> Double {
    turn += 1
    let index = turn % clusters.count
    let here = projects.indices.filter { cluster($0, 0) == index }
    // The jobs of the same hundred come in one round and go in the next.
    let (round, isEven) = (turn / clusters.count / 2, turn / clusters.count % 2 == 0)
    let start = round * count % here.count
    let rows = (0..<count).map {
      row(of: here[(start + $0) % here.count], in: index, pending: isEven ? 60 : 0)
    }
    now += 1000
    // What is due by the clock alone has its time before.
    feed(.tick)
    spent = .zero
    let step = step(.report(clusters[index], report(rows, in: index, after: nil)))
    let time = spent / .seconds(1)
    follow(step.effects)
    return time
  }

  private func row(of project: Int, in index: Int, pending: Int64) -> Report.Row {
    let share = state.share(of: projects[project], in: clusters[index])
    let limits = share.map { $0.isConfirmed ? $0.allotment : TRESAmounts() } ?? TRESAmounts()
    return row(of: project, limits: limits, pending: pending)
  }

  private func row(of project: Int, limits: TRESAmounts, pending: Int64) -> Report.Row {
    Report.Row(
      account: accounts[project],
      sighting: Sighting(
        accountExists: true, above: above[project], limits: limits, used: TRESAmounts(),
        pending: [.cpu: Amount(units: pending)],
        runningJobs: 0, pendingJobs: pending > 0 ? 1 : 0))
  }

  private mutating func tell(_ rows: [Report.Row], in index: Int, after number: WriteNumber?) {
    feed(.report(clusters[index], report(rows, in: index, after: number)))
  }

  private mutating func report(_ rows: [Report.Row], in index: Int, after number: WriteNumber?) -> Report {
    serials[index] += 1
    let head = Report.Head(
      serial: serials[index], bootTime: Timestamp(seconds: 1), age: 0, applied: number, isSettled: true,
      capacity: [.cpu: Amount(units: 4_096)], free: [.cpu: Amount(units: 4_096)], voids: [])
    return Report(head: head, accounts: rows)
  }

  /// Takes a step, and does at once what follows from it: the write, its end, and the view that shows it.
  private mutating func feed(_ input: Input) {
    follow(step(input).effects)
  }

  private mutating func step(_ input: Input) -> Step {
    steps += 1
    let start = ContinuousClock.now
    let step = state.step(input, at: Timestamp(milliseconds: now))
    spent += ContinuousClock.now - start
    return step
  }

  private mutating func follow(_ effects: [Effect]) {
    for case .write(let name, let number, let written) in effects {
      guard let index = Int(name.text.dropFirst(7)) else { continue }
      let rows = written.compactMap { project -> Report.Row? in
        guard let share = state.share(of: project, in: name), let index = Int(project.text.dropFirst(7))
        else { return nil }
        return row(of: index, limits: share.allotment, pending: 0)
      }
      // The view first: the end lets the next write go.
      tell(rows, in: index, after: number)
      feed(.writeEnded(name, number, .taken(failures: [:])))
    }
  }
}
