internal import Model
internal import Wire

/// Adds up jobs by account, each to its account and to every one above it; and by user's association.
struct AccountTally: Sendable {
  struct Sums: Sendable {
    /// Without `node`: several jobs can share one, which slurmctld counts once.
    var used = TRESAmounts()
    /// The node lists of the jobs in `used`.
    var nodeLists: Set<String> = []
    var pending = TRESAmounts()
    var runningJobs = 0
    var pendingJobs = 0
    var running = RunningSum()
  }

  /// Deeper trees than this are taken for a loop in what was read.
  private static let deepest = 64

  private(set) var sums: [String: Sums] = [:]
  /// What jobs hold on their nodes, those that are being cleaned up too.
  private(set) var held = TRESAmounts()
  /// Jobs that have not ended, whosever they are.
  private(set) var listed: Int64 = 0
  /// Of the accounts that count here, the jobs that use quota.
  private(set) var using: [NativeJob] = []
  /// Those that jobs name which use or want quota.
  private(set) var accounts: Set<String> = []
  /// Of accounts with associations among what is wanted: users whose jobs count there, and who aren't among them.
  private(set) var others: [String: Set<String>] = [:]

  init() {}

  /// Counts for the accounts and associations in `wanted` alone; `parents` has each account's parent.
  init(_ jobs: [SlurmJob], parents: [String: String], of names: [AccountName]) {
    let wanted = Set(names.map(\.text))
    let associations = AssociationNames(in: names)
    var paths: [String: [String]] = [:]
    // By index: to copy a job out of the list costs more than all else here.
    for index in jobs.indices {
      let state = jobs[index].native.state
      if !state.isEnded { listed += jobs[index].tasks }
      if state.isUsing || state == .completing { held.add(jobs[index].native.allocated) }
      let isWaiting = state == .pending && jobs[index].wait != .kept
      guard state.isUsing || isWaiting else { continue }
      let account = jobs[index].native.account
      let path: [String]
      if let known = paths[account] {
        path = known
      } else {
        path = Self.path(from: account, parents).filter(wanted.contains)
        paths[account] = path
      }
      for account in path { sums[account, default: Sums()].add(jobs[index], isWaiting: isWaiting) }
      if state.isUsing, !path.isEmpty { using.append(jobs[index].native) }
      guard !associations.isEmpty, associations.has(account) else { continue }
      // By whatever association of his in the account: the one by a partition counts, too.
      let user = jobs[index].native.user
      if let name = associations.name(account: account, user: user) {
        sums[name.text, default: Sums()].add(jobs[index], isWaiting: isWaiting)
      } else {
        others[account, default: []].insert(user)
      }
    }
    accounts = Set(paths.keys)
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
      running.add(job.native, holds)
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
