internal import Model
internal import Wire

/// Keeps counting a job that used quota until it is known to have ended. slurmctld forgets: killed and
/// started again, it can lose a running job, or list it as pending while its processes run on.
struct JobTracker: Sendable {
  struct Vanished: Sendable {
    var job: SlurmJob
    /// When it was first missed, in seconds of the poller's clock.
    var since: Double
  }

  /// After a restart, slurmctld has each node register, and kills the jobs it doesn't know there. A node that
  /// is idle this long after has none left; one that works for others is believed only after the longer time.
  static let idleSettles = 5.0
  static let responseSettles = 120.0

  private var using: [SlurmJob.Identity: SlurmJob] = [:]
  private(set) var vanished: [SlurmJob.Identity: Vanished] = [:]
  private var boot: Timestamp?

  /// Compares `listed`, all that slurmctld lists by their numbers, with what was seen before.
  mutating func observe(_ listed: [SlurmJob], boot newBoot: Timestamp?, now: Double) {
    let hasRestarted = boot != nil && newBoot != boot
    boot = newBoot
    for (identity, before) in using {
      let row = listed.numbered(identity.number)
      guard let job = row, job.identity == identity else {
        if !Self.isRequeue(row, of: before) { vanish(before, now) }
        continue
      }
      // Within one boot slurmctld itself saw it stop; after a restart it may only have forgotten the start.
      let isForgotten =
        hasRestarted && job.native.state == .pending
        && job.native.restarts == before.native.restarts
      if isForgotten { vanish(before, now) }
    }
    for identity in vanished.keys {
      guard let job = listed.numbered(identity.number), job.identity == identity else { continue }
      if job.native.state != .pending { vanished[identity] = nil }
    }
    using = [:]
    for index in listed.indices where listed[index].isUsing { using[listed[index].identity] = listed[index] }
  }

  /// A requeue gives the job another submit time, and counts it: slurmctld saw the run before it end.
  private static func isRequeue(_ job: SlurmJob?, of before: SlurmJob) -> Bool {
    guard let job else { return false }
    return job.native.user == before.native.user && job.native.restarts > before.native.restarts
  }

  private mutating func vanish(_ job: SlurmJob, _ now: Double) {
    var job = job
    job.native.state = .vanished
    vanished[job.identity] = Vanished(job: job, since: now)
  }

  /// Accounting has its end.
  mutating func settle(_ identity: SlurmJob.Identity) { vanished[identity] = nil }

  /// Settles those whose nodes hold nothing of them any more. `bootAge` is how long slurmctld runs.
  mutating func settle(
    nodes: [String: NodeSummary.Node], expand: (String) -> [String], bootAge: Double, now: Double
  ) {
    for (identity, entry) in vanished {
      let names = expand(entry.job.nodes ?? "")
      let found = names.compactMap { nodes[$0] }
      // A node that is no longer configured tells nothing, and neither does a job whose nodes are unknown.
      guard !names.isEmpty, found.count == names.count else { continue }
      let age = min(bootAge, now - entry.since)
      let isIdle = found.allSatisfy { $0.isIdle && $0.isResponding } && age >= Self.idleSettles
      let isCleared = found.allSatisfy(\.isResponding) && age >= Self.responseSettles
      if isIdle || isCleared { vanished[identity] = nil }
    }
  }

  /// `listed` with the vanished in it: one row a job, by number.
  func merged(with listed: [SlurmJob]) -> [SlurmJob] {
    guard !vanished.isEmpty else { return listed }
    let rows = listed.filter { vanished[$0.identity] == nil } + vanished.values.map(\.job)
    return rows.sorted { ($0.number, $0.native.submitTime) < ($1.number, $1.native.submitTime) }
  }
}

extension [SlurmJob] {
  /// In a list by numbers.
  fileprivate func numbered(_ number: UInt32) -> SlurmJob? {
    let index = partitionPoint { $0.number < number }
    return index < count && self[index].number == number ? self[index] : nil
  }
}
