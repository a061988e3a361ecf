internal import Model

/// A broken promise, and the step in which it was broken.
package struct Violation: Error, Hashable, CustomStringConvertible {
  package let step: Int
  package let rule: String
  package let detail: String

  package var description: String { "step \(step): \(rule): \(detail)" }
}

/// Adds up what the clusters could run, from what they really have, and holds it against the caps. It shares no
/// code with the core, and reads nothing of it.
///
/// The promise is about *potential*: in each cluster the largest of the limit enforced, the limit stored, each
/// limit that is in a write still under way, and what runs. Over the clusters of a project its sum may never
/// rise above the cap; what is above it may only fall. Not counted, as the design has it, is what others do
/// (edits, a revived limit) until the coordinator has been told of it.
///
/// In a tree of accounts what runs is what runs in the account and below it, and the limit holds all of that. Members' caps
/// are promised as a project's are: what a user runs in the project's account, in all clusters, beside his associations' limits.
///
/// A project may have more than its cap by what it borrows; what siblings have beyond their caps must be covered by what those of
/// them who lend leave unused of theirs. What an order, an edit or an older ledger leaves beyond a cap was not borrowed: that may
/// only fall.
struct Auditor {
  /// What others did to an account, until the coordinator is told.
  private struct Edit {
    let number: Int
    /// What limits allowed before it, in the lanes that it raised; what it adds to that doesn't count yet.
    var allowed: Load
    /// What ran before it, and still may.
    var used: Load
    /// What limits allowed before it, in the lanes that it lowered, or what was sent there since if that is less: to
    /// write as much again is no growth for one who doesn't know.
    var restorable: Load
  }

  private var terms: [Terms]
  /// Those with the same parent, who may lend each other.
  private var families: [[Int]] = []
  private var mayBorrow = false
  /// Of each project, what it has beyond its cap and didn't borrow.
  private var inherited: [Load]
  private let clusters: [SimulatedCluster]
  private let agents: [SimulatedAgent]
  /// Of each project that the ledger has.
  private var caps: [Load?]
  private(set) var isBound: [[Bool]]
  private var unseen: [[[Edit]]]
  /// What was known of each cluster at the last look.
  private var last: [[Load]]
  private var outstanding: [WriteNumber?]
  private var lastNumber: [WriteNumber?]
  private(set) var edits = 0

  init(clusters: [SimulatedCluster], agents: [SimulatedAgent], projects: Int) {
    terms = Array(repeating: Terms(), count: projects)
    inherited = Array(repeating: .zero, count: projects)
    self.clusters = clusters
    self.agents = agents
    caps = Array(repeating: nil, count: projects)
    isBound = Array(repeating: Array(repeating: false, count: clusters.count), count: projects)
    unseen = Array(
      repeating: Array(repeating: [], count: clusters.count), count: projects)
    last = Array(repeating: Array(repeating: .zero, count: clusters.count), count: projects)
    outstanding = Array(repeating: nil, count: clusters.count)
    lastNumber = Array(repeating: nil, count: clusters.count)
  }

  // MARK: What could run

  private func potential(_ project: Int, in index: Int) -> Load {
    pointwiseMax(allowed(project, in: index), clusters[index].used(by: project))
  }

  /// The largest of the limits, those included that may still take effect.
  private func allowed(_ project: Int, in index: Int) -> Load {
    let cluster = clusters[index]
    let account = cluster.accounts[project]
    var most = Load.zero
    if account.exists { most = pointwiseMax(most, pointwiseMax(account.enforced, account.stored)) }
    let agent = agents[index]
    for row in agent.loose { raise(&most, by: row, of: nil, to: project, account, agent) }
    if let current = agent.current {
      for row in current.line.rows { raise(&most, by: row, of: nil, to: project, account, agent) }
    }
    raise(&most, by: agent.mailbox, to: project, account, agent)
    raise(&most, by: agent.lateMail, to: project, account, agent)
    // What has no limit is the whole cluster, and no limit makes it larger.
    return pointwiseMin(most, cluster.size)
  }

  private func raise(
    _ most: inout Load, by mail: [SimulatedAgent.Line], to project: Int,
    _ account: SimulatedCluster.Account, _ agent: SimulatedAgent
  ) {
    for line in mail where agent.highest.map({ line.number > $0 }) ?? true {
      for row in line.rows { raise(&most, by: row, of: line.number, to: project, account, agent) }
    }
  }

  /// What a write that is under way may come to allow: it also makes an account that isn't there, and members'
  /// associations without limits.
  private func raise(
    _ most: inout Load, by row: SimulatedAgent.Row, of number: WriteNumber?, to project: Int,
    _ account: SimulatedCluster.Account, _ agent: SimulatedAgent
  ) {
    if row.project == project,
      account.exists || !row.isLifting || isBeingMade(project, by: agent, before: number)
    {
      most = pointwiseMax(most, row.applied(to: account.exists ? .zero : .unlimited))
    } else if !account.exists, row.members.contains(project) {
      most = .unlimited
    }
  }

  /// By a write that was begun, or is under way and has a lower number.
  private func isBeingMade(
    _ project: Int, by agent: SimulatedAgent, before number: WriteNumber?
  ) -> Bool {
    let begun = agent.loose + (agent.current?.line.rows ?? [])
    let earlier = (agent.mailbox + agent.lateMail).filter { line in number.map { line.number < $0 } ?? false }
    return (begun + earlier.flatMap(\.rows)).contains { $0.makes(project) }
  }

  private func known(_ project: Int, in index: Int) -> Load {
    let potential = potential(project, in: index)
    return unseen[project][index].reduce(potential) {
      pointwiseMin($0, pointwiseMax($1.allowed, $1.used))
    }
  }

  private func total(_ project: Int) -> Load {
    sum(clusters.indices.map { known(project, in: $0) }, of: project)
  }

  private func sum(_ parts: [Load], of project: Int) -> Load {
    var sum = Load.zero
    for index in clusters.indices where isBound[project][index] { sum &+= parts[index] }
    return sum
  }

  /// What a project above its cap may come to: no more than at the last look, and what others lowered unseen.
  private func most(of project: Int) -> Load { restored(last[project], of: project) }

  /// The sum of `parts`, one a cluster, with what others lowered unseen as it was.
  private func restored(_ parts: [Load], of project: Int) -> Load {
    let whole = clusters.indices.map { index in
      unseen[project][index].reduce(parts[index]) { pointwiseMax($0, $1.restorable) }
    }
    return sum(whole, of: project)
  }

  private mutating func look(at project: Int) {
    for index in clusters.indices { last[project][index] = known(project, in: index) }
  }

  // MARK: What happens

  /// Something that Sluice didn't do: what it adds counts once the coordinator was told.
  ///
  /// - Parameter projects: Those concerned; all when nil.
  mutating func outside(_ index: Int, of projects: [Int]? = nil, _ change: () -> Void) {
    let before = caps.indices.map { (allowed($0, in: index), clusters[index].used(by: $0)) }
    change()
    for project in projects ?? Array(caps.indices) {
      let (allowed, used) = before[project]
      // A limit counts although as much runs at that moment: what runs ends.
      let limits = self.allowed(project, in: index)
      let isRaised = limits .> allowed .| clusters[index].used(by: project) .> pointwiseMax(allowed, used)
      guard limits != allowed || isRaised != SIMDMask(repeating: false) else { continue }
      edits += 1
      unseen[project][index].append(
        Edit(
          number: edits, allowed: Load.unlimited.replacing(with: allowed, where: isRaised), used: used,
          restorable: Load.zero.replacing(with: allowed, where: limits .< allowed)))
    }
  }

  /// The coordinator has taken in, durably, a view that shows `edit`.
  mutating func told(of edit: Int, in index: Int) {
    let before = standing
    for project in caps.indices {
      guard let oldest = unseen[project][index].first, oldest.number <= edit else { continue }
      unseen[project][index].removeAll { $0.number <= edit }
      last[project][index] = pointwiseMax(last[project][index], known(project, in: index))
    }
    inherit(since: before)
  }

  /// The ledger has a project with this grant, or no longer has it. What is there when it is taken in, or when a
  /// cluster or a TRES joins, is allowed; from then on it may only fall.
  mutating func set(_ project: Int, to grant: Grant?) {
    let before = standing
    let isMoved = caps[project] != nil && grant.map { $0.terms.parent != terms[project].parent } ?? false
    defer { inherit(since: before, fromOthersToo: isMoved) }
    let (cap, bound) = (grant?.cap, grant?.clusters ?? [])
    if let grant { adopt(project, with: grant.terms) }
    let joins = zip(isBound[project], bound).contains { !$0 && $1 }
    let isNew = caps[project].map { old in
      (0..<2).contains { old[$0] >= Load.unlimited[$0] && (cap?[$0] ?? 0) < Load.unlimited[$0] }
    }
    caps[project] = cap
    guard cap != nil else {
      isBound[project] = isBound[project].map { _ in false }
      return
    }
    // A cluster that leaves is in force until nothing can run there.
    isBound[project] = zip(isBound[project], bound).map { $0 || $1 }
    if joins || isNew ?? true { look(at: project) }
  }

  private mutating func adopt(_ project: Int, with new: Terms) {
    terms[project] = new
    mayBorrow = mayBorrow || new.borrow != .zero
    families = []
    for project in terms.indices {
      let family = families.firstIndex {
        terms[project].parent != nil && terms[$0[0]].parent == terms[project].parent
      }
      if let family { families[family].append(project) } else { families.append([project]) }
    }
  }

  /// The write that was sent there has its answer, or will have none: its connection has ended.
  mutating func ended(in index: Int) { outstanding[index] = nil }

  /// An older ledger was put in place: its writes go on from its own numbers, and a cluster that joined a project
  /// since is forgotten.
  mutating func restored(bound: [[Bool]]) {
    let before = standing
    isBound = bound
    for index in clusters.indices { lastNumber[index] = agents[index].highest }
    for project in caps.indices { look(at: project) }
    // It may not know of loans that were made since.
    inherit(since: before, fromOthersToo: true)
  }

  mutating func sent(_ line: SimulatedAgent.Line, to index: Int, step: Int) throws(Violation) {
    for row in line.rows {
      let value = pointwiseMin(row.applied(to: .zero), clusters[index].size)
      for edit in unseen[row.project][index].indices {
        let allowed = unseen[row.project][index][edit].allowed
        unseen[row.project][index][edit].allowed = pointwiseMax(allowed, value)
        let restorable = unseen[row.project][index][edit].restorable
        unseen[row.project][index][edit].restorable = pointwiseMin(restorable, value)
      }
      for member in row.members where !clusters[index].accounts[member].exists {
        for edit in unseen[member][index].indices { unseen[member][index][edit].allowed = .unlimited }
      }
    }
    if let open = outstanding[index] {
      throw Violation(
        step: step, rule: "writes to a cluster go one at a time (5)",
        detail: "\(line.number) was sent to c\(index) while \(open) is under way")
    }
    if let last = lastNumber[index], line.number <= last {
      throw Violation(
        step: step, rule: "numbers rise (5)", detail: "\(line.number) was sent to c\(index) after \(last)")
    }
    outstanding[index] = line.number
    lastNumber[index] = line.number
  }

  private mutating func noteEnds(of project: Int) {
    for index in clusters.indices where !unseen[project][index].isEmpty {
      let used = clusters[index].used(by: project)
      for edit in unseen[project][index].indices {
        let before = unseen[project][index][edit].used
        unseen[project][index][edit].used = pointwiseMin(before, used)
      }
    }
  }

  // MARK: The promise

  mutating func check(step: Int) throws(Violation) {
    for project in caps.indices {
      noteEnds(of: project)
      guard let granted = caps[project] else { continue }
      let cap = granted &+ terms[project].borrow
      let total = total(project)
      let most = most(of: project)
      for lane in 0..<2 where total[lane] > cap[lane] && total[lane] > most[lane] {
        let parts = clusters.indices.filter { isBound[project][$0] }
          .map { "c\($0) \(known(project, in: $0)[lane])" }
        throw Violation(
          step: step, rule: "the sum of what may run is at most the cap (1, 2)",
          detail: "p\(project): \(total[lane]) in lane \(lane) over a cap of \(cap[lane]), was "
            + "\(sum(last[project], of: project)[lane]): \(parts.joined(separator: ", "))")
      }
      look(at: project)
    }
    try checkLoans(step: step)
  }

  /// Of a project beside its cap.
  private typealias Standing = (beyond: Load, most: Load, cover: Load)

  /// What administrators, edits or an older ledger add beyond a cap is not borrowed: it may only fall. Where they take
  /// from what others leave, all that is there by then goes on.
  private mutating func inherit(
    since before: [Standing], fromOthersToo isCoverGone: Bool = false
  ) {
    let isCoverLost =
      isCoverGone || caps.indices.contains { (cover($0) .< before[$0].cover) != SIMDMask(repeating: false) }
    for project in caps.indices {
      let most = mostBeyond(project)
      let added = pointwiseMax(beyond(project) &- before[project].beyond, most &- before[project].most)
      inherited[project] = isCoverLost ? most : inherited[project] &+ pointwiseMax(added, .zero)
    }
  }

  private var standing: [Standing] {
    caps.indices.map { (beyond($0), mostBeyond($0), cover($0)) }
  }

  private func cover(_ project: Int) -> Load {
    guard let cap = caps[project] else { return .zero }
    return pointwiseMin(terms[project].lend, pointwiseMax(cap &- total(project), .zero))
  }

  private func beyond(_ project: Int) -> Load {
    guard let cap = caps[project] else { return .zero }
    return pointwiseMax(total(project) &- cap, .zero)
  }

  /// The same with what others lowered unseen as it was: that may come back.
  private func mostBeyond(_ project: Int) -> Load {
    guard let cap = caps[project] else { return .zero }
    let parts = clusters.indices.map { known(project, in: $0) }
    return pointwiseMax(restored(parts, of: project) &- cap, .zero)
  }

  private mutating func checkLoans(step: Int) throws(Violation) {
    guard mayBorrow else { return }
    for family in families {
      var borrowed = Load.zero
      var cover = Load.zero
      for project in family {
        guard caps[project] != nil else { continue }
        let beyond = beyond(project)
        inherited[project] = pointwiseMin(inherited[project], mostBeyond(project))
        borrowed &+= pointwiseMax(beyond &- inherited[project], .zero)
        cover &+= self.cover(project)
      }
      for lane in 0..<2 where borrowed[lane] > cover[lane] {
        throw Violation(
          step: step, rule: "what is borrowed is what others leave",
          detail:
            "\(borrowed[lane]) in lane \(lane) beyond the caps of \(family), \(cover[lane]) left by those who lend"
        )
      }
    }
  }
}
