internal import HeapModule
internal import Model
internal import Quota

// Writes to a cluster: numbered, one at a time, tried again with a growing pause.
extension State {
  /// What one write carries at most.
  private static let mostChanges = 64
  private static let longestPause = 30.0

  mutating func write(to cluster: ClusterName, at now: Timestamp, in step: inout Step) {
    guard let state = clusters[cluster], state.isLinked, state.inFlight == nil, !state.due.isEmpty else {
      return
    }
    if let retryAt = state.retryAt, retryAt > now { return }
    let number = WriteNumber(term: term, sequence: state.nextSequence)
    var written: [ProjectName] = []
    while written.count < Self.mostChanges {
      guard let project = clusters.update(cluster, { $0.due.pop() }) ?? nil else { break }
      // A share that was deleted, or confirmed by a later reading, needs no write any more; and one without
      // an allotment must have none: it would make an account that nothing limits.
      guard let share = share(of: project, in: cluster), share.isDue, !share.allotment.isEmpty else {
        continue
      }
      record(.share(project, cluster, .sent(number)), at: now, in: &step)
      step.touched.insert(project)
      written.append(project)
    }
    guard !written.isEmpty else { return }
    clusters.update(cluster) {
      $0.nextSequence += 1
      $0.inFlight = number
    }
    step.effects.append(.write(cluster, number, written))
  }

  mutating func finish(
    _ number: WriteNumber, to cluster: ClusterName, _ end: WriteEnd, at now: Timestamp, in step: inout Step
  ) {
    guard clusters[cluster]?.inFlight == number else { return }
    clusters.update(cluster) { $0.inFlight = nil }
    step.writable.insert(cluster)
    switch end {
    case .taken(nil):
      clusters.update(cluster) {
        $0.failures = 0
        $0.retryAt = nil
        $0.writeFailure = nil
      }
    case .taken(let failure?):
      pause(cluster, because: failure, at: now)
    case .refused(let reason):
      pause(cluster, because: reason, at: now)
      for project in clusters[cluster]?.awaiting.sorted() ?? [] {
        guard share(of: project, in: cluster)?.writing == .sent(number) else { continue }
        record(.share(project, cluster, .due), at: now, in: &step)
      }
    }
  }

  private mutating func pause(_ cluster: ClusterName, because reason: String, at now: Timestamp) {
    let failures = clusters.update(cluster) { state in
      state.failures += 1
      state.writeFailure = reason
      return state.failures
    }
    let pause = min(Self.longestPause, Double(1 << min((failures ?? 1) - 1, 5)))
    let retryAt = now.advanced(bySeconds: pause)
    clusters.update(cluster) { $0.retryAt = retryAt }
    agenda.insert(Wake(at: retryAt, subject: .cluster(cluster)))
  }
}
