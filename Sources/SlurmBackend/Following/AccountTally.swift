internal import Model
internal import Wire

/// Adds up jobs by account, each to its account and to every one above it.
struct AccountTally: Sendable {
  struct Sums: Sendable {
    /// Without `node`: several jobs can share one, which slurmctld counts once.
    var used = TRESAmounts()
    /// The node lists of the jobs in `used`.
    var nodeLists: Set<String> = []
    var pending = TRESAmounts()
    var runningJobs = 0
    var pendingJobs = 0
  }

  /// Deeper trees than this are taken for a loop in what was read.
  private static let deepest = 64

  private(set) var sums: [String: Sums] = [:]

  /// `parents` has each account's parent.
  init(_ jobs: [SlurmJob], parents: [String: String]) {
    for job in jobs {
      let isWaiting = job.native.state == .pending && job.wait != .kept
      guard job.isUsing || isWaiting else { continue }
      for account in Self.path(from: job.native.account, parents) {
        sums[account, default: Sums()].add(job, isWaiting: isWaiting)
      }
    }
  }

  /// An account and those above it.
  static func path(from account: String, _ parents: [String: String]) -> [String] {
    var path = [account]
    while path.count < deepest, let parent = path.last.flatMap({ parents[$0] }) { path.append(parent) }
    return path
  }
}

extension AccountTally.Sums {
  fileprivate mutating func add(_ job: SlurmJob, isWaiting: Bool) {
    if isWaiting {
      pending.add(job.native.requested.times(job.tasks))
      pendingJobs += Int(job.tasks)
    } else {
      // A job that is being given its nodes has no allocation to tell yet.
      var holds = job.native.allocated.isEmpty ? job.native.requested : job.native.allocated
      holds[.node] = nil
      used.add(holds)
      if let nodes = job.nodes { nodeLists.insert(nodes) }
      runningJobs += 1
    }
  }
}

extension TRESAmounts {
  fileprivate func times(_ count: Int64) -> TRESAmounts {
    guard count != 1 else { return self }
    return TRESAmounts(
      map { tres, amount in
        let (product, overflow) = amount.milli.multipliedReportingOverflow(by: count)
        return (tres, overflow ? .unbounded : Amount(milli: product))
      })
  }
}
