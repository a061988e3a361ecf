internal import HeapModule
package import Model
internal import Quota

extension State {
  /// Takes in one input: notes what was seen, decides what follows, and applies each decision at once, so
  /// that the next one rests on it. The caller makes the events durable before it performs the effects.
  package mutating func step(_ input: Input, at now: Timestamp) -> Step {
    var step = Step()
    switch input {
    case .setProject(let project, let acceptsUnenforced):
      set(project, acceptsUnenforced, at: now, in: &step)
      reviseUsers(of: project.name, at: now, in: &step)
    case .deleteProject(let name):
      for user in users(of: name) { delete(.user(user, of: name), at: now, in: &step) }
      delete(name, at: now, in: &step)
    case .drain(let cluster, let isDrained):
      record(.drained(cluster, isDrained), at: now, in: &step)
      touchAll(of: cluster, in: &step)
    case .budget(let name, let spent):
      projects.update(name) { $0.spent = spent }
      step.touched.insert(name)
    case .linked(let cluster, let lastWrite):
      link(cluster, lastWrite: lastWrite, at: now, in: &step)
    case .unlinked(let cluster):
      unlink(cluster, in: &step)
    case .report(let cluster, let report):
      take(report, of: cluster, at: now, in: &step)
    case .writeEnded(let cluster, let number, let end):
      finish(number, to: cluster, end, at: now, in: &step)
    case .recover:
      rise(at: now, in: &step)
      for cluster in clusters.names { doubt(cluster, at: now, in: &step) }
    case .tick:
      break
    }
    rouse(at: now, in: &step)
    for project in step.touched {
      guard let place = projects.place(of: project) else { continue }
      lendAndBorrow(project, at: place, now, in: &step)
      move(project, at: place, now, in: &step)
    }
    for cluster in step.writable { write(to: cluster, at: now, in: &step) }
    return step
  }

  /// When `tick` has something to do next.
  package var nextWake: Timestamp? {
    guard let wake = agenda.min?.at, let rest = restEnds.min?.at else {
      return agenda.min?.at ?? restEnds.min?.at
    }
    return min(wake, rest)
  }

  mutating func record(_ event: consuming Event, at now: Timestamp, in step: inout Step) {
    apply(event, at: now)
    if case .share(_, let cluster, _) = event { step.writable.insert(cluster) }
    if !usersWithFormers.isEmpty, let former = event.former { step.touched.insert(former.current) }
    step.events.append(event)
  }

  private mutating func touchAll(of cluster: ClusterName, in step: inout Step) {
    for project in projects(in: cluster) { step.touched.insert(project) }
  }

  private mutating func rouse(at now: Timestamp, in step: inout Step) {
    while let wake = agenda.min, wake.at <= now {
      agenda.removeMin()
      rouse(wake.project, at: now, in: &step)
    }
    while let rest = restEnds.min, rest.at <= now {
      restEnds.removeMin()
      requeue(rest.project, in: rest.cluster, step: &step)
    }
  }

  private mutating func rouse(_ project: ProjectName, at now: Timestamp, in step: inout Step) {
    step.touched.insert(project)
    guard let place = projects.place(of: project) else { return }
    let names = projects.update(at: place) { entry in
      entry.wake = nil
      return entry.quota.shares.names
    }
    for cluster in names {
      let free = clusters.update(cluster) { $0.head?.free } ?? nil
      let isDue = projects.update(at: place) { entry in
        entry.quota.shares.update(cluster) { share in
          share.weigh(besideFree: free, at: now)
          return share.isDue
        }
      }
      if isDue ?? false {
        clusters.update(cluster) { $0.due.push(project) }
        step.writable.insert(cluster)
      }
    }
  }
}

// Commands.
extension State {
  mutating func set(
    _ project: Project, _ acceptsUnenforced: Bool, at now: Timestamp, in step: inout Step
  ) {
    let changes = projects[project.name]?.events(becoming: project) ?? []
    record(.projectSet(project, acceptsUnenforced: acceptsUnenforced), at: now, in: &step)
    for change in changes { record(.share(project.name, change.cluster, change.event), at: now, in: &step) }
    for cluster in projects[project.name]?.shares.names ?? [] { step.effects.append(.follow(cluster)) }
    step.touched.insert(project.name)
  }

  mutating func delete(_ name: ProjectName, at now: Timestamp, in step: inout Step) {
    let clusters = projects[name]?.shares.names ?? []
    endLoans(from: name, at: now, in: &step)
    for lender in projects[name]?.loans.names ?? [] { wake(lender, at: now) }
    record(.projectDeleted(name), at: now, in: &step)
    for cluster in clusters { step.effects.append(.follow(cluster)) }
    step.touched.insert(name)
  }
}

// What agents tell.
extension State {
  private mutating func link(
    _ cluster: ClusterName, lastWrite: WriteNumber?, at now: Timestamp, in step: inout Step
  ) {
    guard let state = clusters[cluster] else { return }
    if let lastWrite, state.lastWrite.map({ $0 < lastWrite }) ?? true {
      overtake(lastWrite, of: cluster, at: now, in: &step)
    }
    // Nobody knows how far the last write came: it stays in force until a new one has ended.
    for project in state.awaiting.sorted() { record(.share(project, cluster, .due), at: now, in: &step) }
    clusters.update(cluster) {
      $0.isLinked = true
      $0.wasHeard = true
      $0.lastSerial = nil
    }
    step.writable.insert(cluster)
    // Some may be called otherwise there since the last start.
    for project in projects(in: cluster) { reviseUsers(of: project, at: now, in: &step) }
    step.effects.append(.follow(cluster))
    touchAll(of: cluster, in: &step)
  }

  /// The agent has seen a write that the ledger doesn't know: this ledger is an older copy, or not the one that
  /// wrote there. Its numbers go above all that the agent has seen, and what it has about this cluster, and
  /// about those not heard since the start, doesn't count.
  private mutating func overtake(
    _ lastWrite: WriteNumber, of cluster: ClusterName, at now: Timestamp, in step: inout Step
  ) {
    rise(above: lastWrite.term, at: now, in: &step)
    for other in clusters.names where other == cluster || !(clusters.read(other) { $0.wasHeard } ?? false) {
      doubt(other, at: now, in: &step)
    }
  }

  /// Begins a term that is above `other`, and above all that the lost part of the ledger can have had: terms rise by one
  /// a start, so that none of them has ever come near the time of day.
  private mutating func rise(above other: Int64 = 0, at now: Timestamp, in step: inout Step) {
    let new = max(term, other + 1, now.seconds)
    if new > term { record(.termStarted(new), at: now, in: &step) }
  }

  /// A write of this term must have ended before a reading counts: an agent that took one on takes none of those
  /// any more that the lost part of the ledger had sent. That holds for projects made later, too, and after a restart.
  private mutating func doubt(_ cluster: ClusterName, at now: Timestamp, in step: inout Step) {
    let fence = WriteNumber(term: term, sequence: 0)
    clusters.update(cluster) { $0.lastWrite = fence }
    step.effects.append(.fence(cluster, fence))
    for project in projects(in: cluster) {
      record(.share(project, cluster, .doubted(after: fence)), at: now, in: &step)
      step.touched.insert(project)
    }
  }

  private mutating func unlink(_ cluster: ClusterName, in step: inout Step) {
    clusters.update(cluster) {
      $0.isLinked = false
      $0.inFlight = nil
      $0.head?.age = nil
    }
    for project in projects(in: cluster) {
      projects.update(shareOf: project, in: cluster) { $0.isCurrent = false }
      step.touched.insert(project)
    }
  }

  private mutating func take(
    _ report: Report, of cluster: ClusterName, at now: Timestamp, in step: inout Step
  ) {
    guard let place = clusters.place(of: cluster) else { return }
    let news = clusters.update(at: place) { $0.news(in: report.head) }
    guard !news.isOld else { return }
    if let applied = news.unknownWrite {
      // It has come late, over a connection of before.
      overtake(applied, of: cluster, at: now, in: &step)
    }
    if news.haveVoidsChanged { touchAll(of: cluster, in: &step) }
    clusters.update(at: place) { state in
      state.head = report.head
      state.lastSerial = report.head.serial
    }
    var read = TouchList<ProjectName>()
    for index in report.accounts.indices {
      let owner = clusters.update(at: place) { $0.projectOfAccount[report.accounts[index].account] }
      guard let project = owner else { continue }
      observe(
        report.accounts[index].sighting, of: project, in: cluster, at: place, free: report.head.free, now)
      read.insert(project)
    }
    guard report.head.isFresh else {
      if news.wasAnswering { touchAll(of: cluster, in: &step) }
      return
    }
    step.writable.insert(cluster)
    switch news.proof {
    case .ofAll: for project in projects(in: cluster) { read.insert(project) }
    case .ofAwaiting:
      for project in clusters.update(at: place, { $0.awaiting.sorted() }) { read.insert(project) }
    case .ofRead: break
    }
    for project in read { prove(project, in: cluster, by: report.head, at: now, step: &step) }
    if !news.wasAnswering { touchAll(of: cluster, in: &step) }
  }

  private mutating func prove(
    _ project: ProjectName, in cluster: ClusterName, by head: Report.Head, at now: Timestamp,
    step: inout Step
  ) {
    step.touched.insert(project)
    let policy = driftPolicy
    let events = projects.update(shareOf: project, in: cluster) { share -> [ShareEvent] in
      guard share.isCurrent, let seen = share.seen else { return [] }
      let reading = Reading(
        sighting: seen, capacity: head.capacity, bootTime: head.bootTime, applied: head.applied,
        isSettled: head.isSettled)
      return share.events(seeing: reading, onDrift: policy)
    }
    for event in events ?? [] { record(.share(project, cluster, event), at: now, in: &step) }
    endFormer(project, at: now, in: &step)
    if case .confirmed? = events?.last { endIfDone(project, at: now, in: &step) }
  }

  private mutating func observe(
    _ sighting: Sighting, of project: ProjectName, in cluster: ClusterName, at place: Int, free: TRESAmounts,
    _ now: Timestamp
  ) {
    let isDue = projects.update(shareOf: project, in: cluster) { share in
      share.seen = sighting
      share.isCurrent = true
      share.weigh(besideFree: free, at: now)
      return share.isDue
    }
    if isDue ?? false { clusters.update(at: place) { $0.due.push(project) } }
  }
}

/// What a report's head tells that its cluster's state doesn't know yet.
private struct News {
  /// A later one has come already.
  let isOld: Bool
  /// One that has ended there, and that the ledger doesn't know.
  let unknownWrite: WriteNumber?
  let haveVoidsChanged: Bool
  let wasAnswering: Bool
  let proof: Proof

  /// Whose limits count as read, beside those that it tells.
  enum Proof {
    case ofAll
    case ofAwaiting
    case ofRead
  }
}

extension ClusterState {
  fileprivate func news(in new: Report.Head) -> News {
    News(
      isOld: lastSerial.map { new.serial < $0 } ?? false,
      unknownWrite: new.applied.flatMap { applied in
        lastWrite.map { $0 < applied } ?? true ? applied : nil
      },
      haveVoidsChanged: head?.voids != new.voids, wasAnswering: isAnswering, proof: proof(by: new))
  }

  /// A confirmation lasts one boot of the controller: read them all anew (rule 3). And what was read while something
  /// could still take effect, or long ago, has proven nothing.
  private func proof(by new: Report.Head) -> News.Proof {
    let isSettledNow = new.isSettled && !(head?.isSettled ?? false)
    if isSettledNow || !isAnswering || head?.bootTime != new.bootTime { return .ofAll }
    return head?.applied == new.applied ? .ofRead : .ofAwaiting
  }
}

extension Share {
  /// Jobs that may be submitted beyond those that are there.
  private static let leastAhead = Amount(units: 16)

  /// What the last sighting means for its demand, in a cluster with this much free; nil when that isn't known.
  fileprivate mutating func weigh(besideFree free: TRESAmounts?, at now: Timestamp) {
    guard let seen else { return }
    var wanted = seen.used
    for (tres, amount) in seen.pending {
      // Room that others hold is no use to this project's jobs.
      wanted[tres] = wanted.used(tres) + (free.map { min(amount, $0.used(tres)) } ?? amount)
    }
    // A submission that finds no room is refused, and nobody sees it wait: so there must be room ahead of it.
    if let submitted = seen.used[.submittedJobs] {
      wanted[.submittedJobs] = submitted + max(Self.leastAhead, Amount(units: submitted.units / 4))
    }
    demand.observe(wanted, at: now)
    // A limit that is on its way is no room yet; and there is always room to submit.
    let hasRoom =
      isConfirmed && allotment.contains { $0.0 != .submittedJobs && $0.1 > seen.used.used($0.0) }
    demand.watch(used: seen.used, isWaiting: seen.pendingJobs > 0, hasRoom: hasRoom, at: now)
  }
}

// What follows.
extension State {
  private mutating func move(
    _ project: ProjectName, at place: Int, _ now: Timestamp, in step: inout Step
  ) {
    let names = projects.update(at: place) { $0.quota.shares.names }
    var footings: [Footing] = []
    footings.reserveCapacity(names.count)
    for cluster in names { footings.append(clusters.footing(cluster)) }
    let moves = projects.update(at: place) { $0.quota.moves(at: now, on: footings) }
    for (cluster, amounts) in moves.allotments {
      let was = projects.update(at: place) { $0.quota.shares.update(cluster) { $0.allotment } }
      record(.share(project, cluster, .allotted(amounts, was: was ?? TRESAmounts())), at: now, in: &step)
    }
    if let lookAgain = moves.lookAgain { wake(project, at: place, lookAgain) }
  }

  /// Has the project looked at by a tick at that time.
  mutating func wake(_ project: ProjectName, at moment: Timestamp) {
    if let place = projects.place(of: project) { wake(project, at: place, moment) }
  }

  private mutating func wake(_ project: ProjectName, at place: Int, _ moment: Timestamp) {
    let isSooner = projects.update(at: place) { entry in
      if let wake = entry.wake, wake <= moment { return false }
      entry.wake = moment
      return true
    }
    if isSooner { agenda.insert(Wake(at: moment, project: project)) }
  }
}
