internal import CSlurm
internal import Glibc
internal import Model
internal import Wire

/// Wakes slurmctld's scheduler, which by itself would look at a raised limit only at its next pass.
///
/// Any successful update of a job queues a pass. Setting the admin comment to the value it has changes
/// nothing else: a release would drop a priority an administrator has set, and a time limit set by one is
/// exempt from limits from then on.
struct Toucher {
  /// Seconds between two touches, and how long a raised limit looks for a job that waits for it.
  static let interval = 1.0
  static let patience = 5.0

  private var lastTouch = -interval

  /// Touches a waiting job for one of `wanted` if it is time; the accounts that are done with.
  mutating func touch(
    _ wanted: [AccountName: Double], jobs: [SlurmJob], parents: [String: String], now: Double
  ) -> [AccountName] {
    var done = wanted.filter { now > $0.value }.map(\.key)
    guard now >= lastTouch + Self.interval else { return done }
    let open = wanted.filter { now <= $0.value }
    guard !open.isEmpty, let (job, accounts) = Self.candidate(open.keys, jobs, parents) else { return done }
    lastTouch = now
    // One pass of the scheduler looks at every job, so all that have a job waiting are served at once.
    if Self.update(job) { done += accounts }
    return done
  }

  /// The first job that could start with more room in any of `wanted`, and all of them that have such a job. One
  /// that just came may not have been looked at yet, and says no reason.
  private static func candidate(
    _ wanted: some Collection<AccountName>, _ jobs: [SlurmJob], _ parents: [String: String]
  ) -> (SlurmJob, [AccountName])? {
    var first: SlurmJob?
    var served: Set<AccountName> = []
    var paths: [String: [AccountName]] = [:]
    let associations = AssociationNames(in: wanted)
    for job in jobs where job.native.state == .pending && job.wait != .kept {
      // A leading plus means "append" to slurmctld.
      guard job.adminComment?.hasPrefix("+") != true else { continue }
      let account = job.native.account
      var matching = paths[account] ?? Self.matching(wanted, AccountTally.path(from: account, parents))
      paths[account] = matching
      if let name = associations.name(account: account, user: job.native.user) { matching.append(name) }
      guard !matching.isEmpty else { continue }
      first = first ?? job
      served.formUnion(matching)
    }
    return first.map { ($0, served.sorted()) }
  }

  private static func matching(_ wanted: some Collection<AccountName>, _ path: [String]) -> [AccountName] {
    wanted.filter { path.contains($0.text) }
  }

  private static func update(_ job: SlurmJob) -> Bool {
    let strings = CStrings()
    var message = unsafe job_desc_msg_t()
    unsafe slurm_init_job_desc_msg(&message)
    unsafe sluice_set_job_id(&message, job.number)
    unsafe message.admin_comment = unsafe strings(job.adminComment ?? "")
    return unsafe slurm_update_job(&message) == 0
  }
}
