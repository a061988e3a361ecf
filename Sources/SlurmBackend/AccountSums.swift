internal import Model
internal import Wire

/// What an account's jobs use and wait for, summed up from the list of jobs.
struct AccountSums: Equatable, Sendable {
  var used = TRESAmounts()
  var pending = TRESAmounts()
  var running = 0
  var waiting = 0

  /// The sums of each followed account; a job counts for its account and for every followed one above it.
  static func of(
    _ jobs: [NativeJob], followed: [AccountName], parents: [String: String]
  ) -> [AccountName: AccountSums] {
    var byText: [String: [AccountName]] = [:]
    let followedTexts = Dictionary(followed.map { ($0.text, $0) }) { first, _ in first }
    var sums: [AccountName: AccountSums] = [:]
    for job in jobs where job.state.isUsing || job.canStart {
      let concerned =
        byText[job.account]
        ?? Self.lineage(of: job.account, parents: parents).compactMap { followedTexts[$0] }
      byText[job.account] = concerned
      for account in concerned { sums[account, default: AccountSums()].add(job) }
    }
    return sums
  }

  private mutating func add(_ job: NativeJob) {
    if job.state.isUsing {
      used.add(job.allocated.isEmpty ? job.requested : job.allocated)
      running += 1
    } else {
      let tasks = job.waitingTasks
      pending.add(job.requested.multiplied(by: Int64(tasks)))
      waiting += tasks
    }
  }

  /// The account and all above it. A cycle, which Slurm doesn't allow, would end it too.
  static func lineage(of account: String, parents: [String: String]) -> [String] {
    var line = [account]
    while let parent = parents[line[line.count - 1]], !line.contains(parent) { line.append(parent) }
    return line
  }
}

extension NativeJob {
  /// Waits for nothing but room or a limit of its account: with more of either it could start.
  var canStart: Bool {
    guard state == .pending, let reason else { return state == .pending }
    return Self.roomReasons.contains(reason) || isBlockedByLimit
  }

  /// slurmctld holds it back by a group limit of an association: ours, or one above.
  var isBlockedByLimit: Bool { state == .pending && (reason?.hasPrefix("AssocGrp") ?? false) }

  private static let roomReasons: Set<String> = ["None", "Priority", "Resources"]

  /// An array's tasks that have not started yet share one record, whose task list is like `3-7,9%2`.
  var waitingTasks: Int {
    guard let list = arrayTasks, arrayJobId != nil else { return 1 }
    let parts = list.split(separator: "%", maxSplits: 1)
    let count = Self.count(ofRanges: parts.first ?? "")
    let atOnce = parts.count == 2 ? Int(parts[1]) ?? count : count
    return max(1, min(count, atOnce))
  }

  private static func count(ofRanges text: Substring) -> Int {
    text.split(separator: ",").reduce(0) { sum, range in
      let stepped = range.split(separator: ":", maxSplits: 1)
      let ends = (stepped.first ?? "").split(separator: "-", maxSplits: 1)
      guard let first = ends.first.flatMap({ Int($0) }) else { return sum }
      let last = ends.count == 2 ? Int(ends[1]) ?? first : first
      let step = stepped.count == 2 ? max(1, Int(stepped[1]) ?? 1) : 1
      return sum + max(0, (last - first) / step + 1)
    }
  }
}
