internal import Core
internal import Ledger
internal import Logging
internal import Model
internal import Wire

/// When each cluster is asked for its finished work, and how far it told. One call a cluster at a time.
struct ChargeRounds: Sendable {
  private static let interval = 60.0
  /// After jobs were seen to end: accounting learns of it a little later, and others may end with them. An agent tells of
  /// nothing that ended in the last 10 s, and sees an end a poll late.
  static let settlingTime = 15.0
  /// A page travels in one line, beside the limits.
  private static let mostCharges = 500

  private struct Cluster {
    var cursor: String?
    /// Nil while there is no link, or an agent that can't tell.
    var dueAt: Timestamp?
    var isAsking = false
    var askedAt: Timestamp?
    /// What has ended is to be asked for then, or later.
    var settlesAt: Timestamp?
    /// As last told.
    var running: [AccountName: Int] = [:]
    var fault: String?
  }

  private var clusters: [ClusterName: Cluster] = [:]

  init(cursors: [String: String]) {
    for (cluster, cursor) in cursors {
      if let name = try? ClusterName(cluster) { clusters[name] = Cluster(cursor: cursor) }
    }
  }

  mutating func linked(_ cluster: ClusterName, _ hello: AgentHello, at now: Timestamp) {
    let cursor = clusters[cluster]?.cursor
    clusters[cluster] = Cluster(
      cursor: cursor, dueAt: hello.capabilities.contains(AgentHello.charges) ? now : nil)
  }

  mutating func unlinked(_ cluster: ClusterName) {
    clusters[cluster]?.isAsking = false
    clusters[cluster]?.dueAt = nil
  }

  mutating func see(_ view: UsageView, at now: Timestamp) {
    guard var known = clusters[view.cluster] else { return }
    let haveEnded = view.accounts.contains { $0.runningJobs < known.running[$0.account] ?? 0 }
    for row in view.accounts { known.running[row.account] = row.runningJobs }
    if haveEnded {
      let settlesAt = now.advanced(bySeconds: Self.settlingTime)
      known.settlesAt = settlesAt
      known.dueAt = known.dueAt.map { min($0, settlesAt) }
    }
    clusters[view.cluster] = known
  }

  /// Returns whether the page ends a round: nothing more has ended by now, and accounting was told of that.
  @discardableResult
  mutating func took(_ page: ChargesPage, at now: Timestamp) -> Bool {
    // Where slurmctld still has something to tell, a page leaves the cursor as it is.
    let hasMoved = clusters[page.cluster]?.cursor != page.cursor
    clusters[page.cluster]?.cursor = page.cursor
    clusters[page.cluster]?.fault = nil
    if let settlesAt = clusters[page.cluster]?.settlesAt, let askedAt = clusters[page.cluster]?.askedAt,
      settlesAt <= askedAt
    {
      let isTold = hasMoved || page.more
      clusters[page.cluster]?.settlesAt = isTold ? nil : now.advanced(bySeconds: Self.settlingTime)
    }
    rest(page.cluster, until: page.more ? now : now.advanced(bySeconds: Self.interval))
    return hasMoved && !page.more
  }

  /// Returns whether this is news.
  mutating func failed(_ cluster: ClusterName, _ fault: String, at now: Timestamp) -> Bool {
    let next = now.advanced(bySeconds: Self.interval)
    if clusters[cluster]?.settlesAt != nil { clusters[cluster]?.settlesAt = next }
    rest(cluster, until: next)
    defer { clusters[cluster]?.fault = fault }
    return clusters[cluster]?.fault != fault
  }

  private mutating func rest(_ cluster: ClusterName, until moment: Timestamp) {
    clusters[cluster]?.isAsking = false
    // Without a link nothing is due.
    guard clusters[cluster]?.dueAt != nil else { return }
    let settlesAt = clusters[cluster]?.settlesAt ?? moment
    clusters[cluster]?.dueAt = min(settlesAt, moment)
  }

  /// What is to be asked now. Of a cluster that was never asked, the work of this month, so that its report is whole.
  mutating func due(at now: Timestamp) -> [(cluster: ClusterName, request: ChargesRequest)] {
    let due = clusters.filter { !$0.value.isAsking && ($0.value.dueAt.map { $0 <= now } ?? false) }
    return due.keys.sorted().map { name in
      clusters[name]?.isAsking = true
      clusters[name]?.askedAt = now
      let cursor = clusters[name]?.cursor
      let since = cursor == nil ? Month(of: now.seconds).start : nil
      return (
        name,
        ChargesRequest(
          cursor: cursor, since: since.map { Timestamp(seconds: $0) }, limit: Self.mostCharges)
      )
    }
  }
}

extension Writer {
  /// The charges and the cursor that comes after them are one transaction: what a crash loses is asked for again, and
  /// what came twice is kept once.
  mutating func take(_ page: ChargesPage) {
    round.batch.charges += page.charges.map { ChargeRecord($0, in: page.cluster, state: state) }
    round.batch.chargeCursors.append(
      ChargeCursorRecord(cluster: page.cluster.text, cursor: page.cursor))
    if charging.took(page, at: round.at) { round.settled.insert(page.cluster) }
    if !page.charges.isEmpty {
      logger.debug("charged", metadata: ["cluster": "\(page.cluster)", "records": "\(page.charges.count)"])
    }
  }

  mutating func noteChargesRefused(by cluster: ClusterName, _ failure: Failure) {
    guard charging.failed(cluster, failure.description, at: round.at) else { return }
    logger.warning(
      "finished work can't be read yet", metadata: ["cluster": "\(cluster)", "reason": "\(failure)"])
  }
}

extension ChargeRecord {
  /// Charged to the project whose account it is, else to that of the nearest account above.
  init(_ charge: Charge, in cluster: ClusterName, state: State) {
    let accounts = [charge.account] + charge.above
    let project = accounts.lazy.compactMap { try? AccountName($0) }.compactMap { account in
      state.clusters.read(cluster) { $0.projectOfAccount[account] } ?? nil
    }.first
    self.init(
      cluster: cluster.text, job: charge.job, submittedAt: charge.submitTime.seconds,
      startedAt: charge.startTime.seconds, endedAt: charge.endTime.seconds, seconds: charge.seconds,
      project: project?.text, account: charge.account, user: charge.user, partition: charge.partition,
      qos: charge.qos, state: charge.state, tres: charge.allocated.description, partOf: charge.partOf)
  }
}

extension Charge {
  /// As Slurm writes it: `1230_4`, `1240+1`.
  fileprivate var partOf: String? {
    if let hetJobId { return "\(hetJobId)+\(hetOffset ?? 0)" }
    guard let arrayJobId else { return nil }
    return "\(arrayJobId)_\(arrayTask.map { "\($0)" } ?? "")"
  }
}
