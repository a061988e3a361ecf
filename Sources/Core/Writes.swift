internal import HeapModule
internal import Model
internal import Quota

// Writes to a cluster: numbered, one at a time; what fails is tried again with a growing pause of its own.
extension State {
  /// What one write carries at most.
  private static let mostChanges = 64
  private static let longestPause = 30.0

  mutating func write(to cluster: ClusterName, at now: Timestamp, in step: inout Step) {
    // What was decided before the cluster was read over this link may be more than the cap leaves by now.
    // Only the number is taken out: a copy of the cluster, while it changes, would have all its indexes copied.
    let next = clusters.update(cluster) { state in
      state.isAnswering && state.inFlight == nil && !state.due.isEmpty ? state.nextSequence : nil
    }
    guard let sequence = next ?? nil else { return }
    let number = WriteNumber(term: term, sequence: sequence)
    var written: [ProjectName] = []
    // Of a doubted share only the number is written, and one number does for all.
    var limited: [ProjectName] = []
    while limited.count < Self.mostChanges {
      guard let project = clusters.update(cluster, { $0.due.pop() }) ?? nil else { break }
      // A share that was deleted, or confirmed by a later reading, needs no write any more; and one without
      // an allotment must have none: it would make an account that nothing limits. A user's that ends makes nothing.
      // One that was not read yet is queued again when it is; of a doubted one only the number is written.
      guard let isDoubted = doubtOfWritable(project, in: cluster, at: now) else { continue }
      // One that rests is queued again when its pause is over.
      if clusters.read(cluster, { $0.rests[project].map { $0.until > now } ?? false }) ?? false { continue }
      record(.share(project, cluster, .sent(number)), at: now, in: &step)
      step.noted.insert(project)
      written.append(project)
      if !isDoubted { limited.append(project) }
    }
    guard !written.isEmpty else { return }
    clusters.update(cluster) {
      $0.nextSequence += 1
      $0.inFlight = number
      $0.lastWrite = number
      $0.carried = written
    }
    step.effects.append(.write(cluster, number, limited))
  }

  /// Whether what is to be written is doubted; nil when there is nothing to write.
  private mutating func doubtOfWritable(
    _ project: ProjectName, in cluster: ClusterName, at now: Timestamp
  ) -> Bool? {
    guard let place = projects.place(of: project) else { return nil }
    let isDoubted = projects.update(at: place) { entry -> Bool?? in
      // What was decided before a loan went back is more than the rest leaves: it is looked at first, and queued again.
      if let wake = entry.wake, wake <= now { return nil }
      return entry.quota.shares.update(cluster) {
        let mayBeWritten = $0.isDoubted || !$0.allotment.isEmpty || $0.isEnding
        return $0.isDue && mayBeWritten && $0.isCurrent ? $0.isDoubted : nil
      }
    }
    return isDoubted ?? nil
  }

  mutating func finish(
    _ number: WriteNumber, to cluster: ClusterName, _ end: WriteEnd, at now: Timestamp, in step: inout Step
  ) {
    let carried = clusters.update(cluster) { $0.inFlight == number ? $0.carried : nil }
    guard let carried = carried ?? nil else { return }
    clusters.update(cluster) { $0.inFlight = nil }
    step.writable.insert(cluster)
    for project in carried {
      // What may be effective is as it was: there is nothing to decide before the cluster was read.
      step.noted.insert(project)
      switch end {
      case .taken(let failures):
        if let failure = projects.update(shareOf: project, in: cluster, { failures[$0.account] }) ?? nil {
          rest(project, in: cluster, because: failure, at: now)
        } else {
          clusters.update(cluster) { if !$0.rests.isEmpty { $0.rests[project] = nil } }
        }
      case .refused(let reason):
        rest(project, in: cluster, because: reason, at: now)
        guard projects.update(shareOf: project, in: cluster, { $0.writing }) == .sent(number) else {
          continue
        }
        record(.share(project, cluster, .due), at: now, in: &step)
      }
    }
  }

  private mutating func rest(
    _ project: ProjectName, in cluster: ClusterName, because reason: String, at now: Timestamp
  ) {
    let failures = (clusters.read(cluster) { $0.rests[project]?.failures ?? 0 } ?? 0) + 1
    let pause = min(Self.longestPause, Double(1 << min(failures - 1, 5)))
    let rest = ClusterState.Rest(
      failures: failures, until: now.advanced(bySeconds: pause), reason: reason)
    clusters.update(cluster) { $0.rests[project] = rest }
    restEnds.insert(RestEnd(at: rest.until, cluster: cluster, project: project))
  }

  /// A pause is over.
  mutating func requeue(_ project: ProjectName, in cluster: ClusterName, step: inout Step) {
    guard projects.update(shareOf: project, in: cluster, { $0.isDue }) ?? false else { return }
    clusters.update(cluster) { $0.due.push(project) }
    step.writable.insert(cluster)
  }
}
