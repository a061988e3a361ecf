internal import CSlurm
internal import Glibc
internal import Model
internal import Wire

/// What is needed to read a job's record in words.
struct AccountingNames {
  var table: TRESTable
  var qos: [UInt32: String]
  /// Each account's parent.
  var parents: [String: String]
}

extension DatabaseConnection {
  /// All states in which a row can have ended; slurmdbd then goes by the time of the end.
  private static let ended: [UInt32] = [
    JOB_COMPLETE.rawValue, JOB_CANCELLED.rawValue, JOB_FAILED.rawValue, JOB_TIMEOUT.rawValue,
    JOB_NODE_FAIL.rawValue, JOB_PREEMPTED.rawValue, JOB_BOOT_FAIL.rawValue, JOB_DEADLINE.rawValue,
    JOB_OOM.rawValue, sluice_job_requeued, sluice_job_resized, sluice_job_revoked,
  ]
  private static let open: [UInt32] = [JOB_RUNNING.rawValue, JOB_SUSPENDED.rawValue]
  /// Later than any job can have ended: of such a window only what has not ended is left.
  private static let future: Int64 = 1 << 32

  /// Rows of jobs that started and have not ended.
  func openRuns(cluster: ClusterName) throws(SlurmFault) -> [StartedRun] {
    var runs: [StartedRun] = []
    let window = Self.future...(Self.future + 1)
    try unsafe eachJob(of: cluster, states: Self.open, window: window) { record in
      guard unsafe record.pointee.end == 0, unsafe record.pointee.start > 0 else { return }
      runs.append(
        StartedRun(id: unsafe ChargeCursor.Open(record), start: Int64(unsafe record.pointee.start)))
    }
    return runs
  }

  func endedRuns(
    in seconds: ClosedRange<Int64>, cluster: ClusterName, names: AccountingNames, unended: UnendedJobs
  ) throws(SlurmFault) -> [EndedRun] {
    var runs: [EndedRun] = []
    try unsafe eachJob(of: cluster, states: Self.ended, window: seconds) { record in
      if let run = unsafe EndedRun(record, names, unended) { runs.append(run) }
    }
    return runs
  }

  /// Of those, the ones that have ended.
  func endedRuns(
    of open: [ChargeCursor.Open], cluster: ClusterName, names: AccountingNames, unended: UnendedJobs
  ) throws(SlurmFault) -> [EndedRun] {
    let wanted = Set(open)
    var runs: [EndedRun] = []
    try unsafe eachJob(of: cluster, jobs: Set(open.map(\.job)).sorted()) { record in
      guard wanted.contains(unsafe ChargeCursor.Open(record)) else { return }
      if let run = unsafe EndedRun(record, names, unended) { runs.append(run) }
    }
    return runs
  }

  func qosNames() throws(SlurmFault) -> [UInt32: String] {
    var condition = unsafe slurmdb_qos_cond_t()
    let list = try unsafe query("read the QOS from slurmdbd") { unsafe slurmdb_qos_get($0, &condition) }
    var names: [UInt32: String] = [:]
    unsafe forEach(in: list.pointer, of: slurmdb_qos_rec_t.self) { record in
      names[unsafe record.pointee.id] = unsafe text(record.pointee.name)
    }
    return names
  }

  /// Every row of the jobs that match, also those of jobs that were requeued or resized.
  private func eachJob(
    of cluster: ClusterName, states: [UInt32] = [], window: ClosedRange<Int64>? = nil, jobs: [UInt32] = [],
    _ body: (UnsafeMutablePointer<slurmdb_job_rec_t>) -> Void
  ) throws(SlurmFault) {
    let strings = CStrings()
    let clusters = strings.list([cluster.text])
    let wanted = strings.list(states.map(String.init))
    let selected = SelectedJobs(jobs)
    var condition = unsafe slurmdb_job_cond_t()
    unsafe condition.cluster_list = unsafe clusters.pointer
    if !states.isEmpty { unsafe condition.state_list = unsafe wanted.pointer }
    if !jobs.isEmpty { unsafe condition.step_list = unsafe selected.list.pointer }
    if let window {
      unsafe condition.usage_start = time_t(window.lowerBound)
      unsafe condition.usage_end = time_t(window.upperBound)
    }
    unsafe condition.db_flags = sluice_job_flags_not_set
    unsafe condition.flags = sluice_job_cond_each
    let list = try unsafe query("read jobs from slurmdbd") { unsafe slurmdb_jobs_get($0, &condition) }
    unsafe forEach(in: list.pointer, of: slurmdb_job_rec_t.self, body)
  }
}

extension ChargeCursor.Open {
  fileprivate init(_ record: UnsafeMutablePointer<slurmdb_job_rec_t>) {
    self.init(index: unsafe record.pointee.db_index, job: unsafe record.pointee.jobid)
  }
}

extension EndedRun {
  /// Nil for a row that has not ended.
  fileprivate init?(
    _ record: UnsafeMutablePointer<slurmdb_job_rec_t>, _ names: AccountingNames, _ unended: UnendedJobs
  ) {
    guard unsafe record.pointee.end > 0 else { return nil }
    self.init(
      id: unsafe ChargeCursor.Open(record), end: Int64(unsafe record.pointee.end),
      charge: unsafe Charge(record, names),
      isRevived: unended.has(
        unsafe record.pointee.jobid, submitted: Timestamp(seconds: Int64(unsafe record.pointee.submit))))
  }
}

extension Charge {
  /// Nil for a job that never held anything.
  fileprivate init?(_ record: UnsafeMutablePointer<slurmdb_job_rec_t>, _ names: AccountingNames) {
    let allocated = unsafe names.table.allocated(text(record.pointee.tres_alloc_str) ?? "")
    // A start that slurmctld forgot when it was killed leaves an allocation without one.
    guard !allocated.isEmpty, unsafe record.pointee.start > 0 else { return nil }
    let account = unsafe text(record.pointee.account) ?? ""
    let array = unsafe record.pointee.array_job_id
    let task = unsafe record.pointee.array_task_id
    let het = unsafe record.pointee.het_job_id
    self.init(
      job: String(unsafe record.pointee.jobid),
      submitTime: Timestamp(seconds: Int64(unsafe record.pointee.submit)),
      startTime: Timestamp(seconds: Int64(unsafe record.pointee.start)),
      endTime: Timestamp(seconds: Int64(unsafe record.pointee.end)),
      seconds: Int64(unsafe record.pointee.elapsed),
      user: unsafe text(record.pointee.user) ?? String(unsafe record.pointee.uid),
      account: account,
      above: AccountTally.path(from: account, names.parents).dropFirst().filter { $0 != "root" },
      partition: unsafe text(record.pointee.partition) ?? "",
      qos: names.qos[unsafe record.pointee.qosid], state: Self.word(unsafe record.pointee.state),
      allocated: allocated, arrayJobId: array == 0 ? nil : String(array),
      arrayTask: array == 0 || task == sluice_no_value ? nil : Int(task),
      hetJobId: het == 0 || het == sluice_no_value ? nil : String(het),
      hetOffset: het == 0 || het == sluice_no_value ? nil : Int(unsafe record.pointee.het_job_offset))
  }

  private static func word(_ state: UInt32) -> String {
    switch state {
    case sluice_job_requeued: "requeued"
    case sluice_job_resized: "resized"
    default: NativeJob.State(slurm: state).rawValue
    }
  }
}
