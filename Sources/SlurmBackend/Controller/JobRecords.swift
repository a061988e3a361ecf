internal import CSlurm
internal import Glibc
internal import Model
internal import Wire

/// Reads slurmctld's jobs, and costs next to nothing when none changed.
struct JobReader {
  private var lastUpdate: time_t = 0
  private var users = UserNames()
  private(set) var jobs: [SlurmJob] = []

  /// True when `jobs` was read anew; false when slurmctld says that nothing changed.
  mutating func refresh() throws(SlurmFault) -> Bool {
    var message: UnsafeMutablePointer<job_info_msg_t>?
    errno = 0
    let flags = UInt16(SHOW_ALL) | UInt16(SHOW_DETAIL)
    guard unsafe slurm_load_jobs(lastUpdate, &message, flags) == 0, let message = unsafe message else {
      let fault = SlurmFault.last("read the jobs from slurmctld")
      if fault.isNoChange { return false }
      throw fault
    }
    defer { unsafe slurm_free_job_info_msg(message) }
    var reader = JobRecordReader(users: users)
    defer { users = reader.users }
    let count = Int(unsafe message.pointee.record_count)
    var found: [SlurmJob] = []
    found.reserveCapacity(count)
    for index in 0..<count {
      found.append(unsafe reader.job(message.pointee.job_array + index))
    }
    // slurmctld's list is by submission, which mostly is the order of numbers.
    let isSorted = found.indices.dropFirst().allSatisfy { found[$0 - 1].number < found[$0].number }
    if !isSorted { found.sort { $0.number < $1.number } }
    jobs = found
    lastUpdate = unsafe message.pointee.last_update
    return true
  }
}

/// Makes jobs of records. Texts and amounts that many jobs have in common are made once: with ten thousands of
/// jobs, that is most of what they would cost.
private struct JobRecordReader {
  private(set) var users: UserNames
  private var texts: Set<String> = []
  private var amounts: [String: TRESAmounts] = [:]
  private var reasons: [UInt32: (word: String?, wait: SlurmJob.Wait)] = [:]

  init(users: UserNames) { self.users = users }

  mutating func job(_ pointer: UnsafeMutablePointer<slurm_job_info_t>) -> SlurmJob {
    let number = unsafe sluice_job_id(pointer)
    let state = NativeJob.State(slurm: unsafe pointer.pointee.job_state)
    let tasks = unsafe text(pointer.pointee.array_task_str)
    let (reason, wait) = reason(UInt32(unsafe pointer.pointee.state_reason))
    let array = unsafe pointer.pointee.array_job_id
    let native = NativeJob(
      id: String(number), name: unsafe shared(pointer.pointee.name) ?? "",
      user: unsafe shared(pointer.pointee.user_name) ?? users.name(of: pointer.pointee.user_id),
      account: unsafe shared(pointer.pointee.account) ?? "",
      partition: unsafe shared(pointer.pointee.partition) ?? "",
      qos: unsafe shared(pointer.pointee.qos), state: state, reason: reason,
      reasonDetail: unsafe shared(pointer.pointee.state_desc),
      requested: unsafe amounts(pointer.pointee.tres_req_str),
      allocated: state == .pending ? TRESAmounts() : unsafe amounts(pointer.pointee.tres_alloc_str),
      nodes: unsafe shared(pointer.pointee.nodes),
      submitTime: Timestamp(seconds: Int64(unsafe pointer.pointee.submit_time)),
      startTime: Timestamp(slurm: unsafe pointer.pointee.start_time),
      endTime: Timestamp(slurm: unsafe pointer.pointee.end_time),
      timeLimit: unsafe value(pointer.pointee.time_limit).map { $0 * 60 },
      restarts: Int(unsafe pointer.pointee.restart_cnt),
      exitCode: state.isEnded ? Int(unsafe pointer.pointee.exit_code >> 8 & 0xff) : nil,
      arrayJobId: array == 0 ? nil : String(array), arrayTasks: tasks)
    return SlurmJob(
      native: native, number: number, wait: unsafe pointer.pointee.priority == 0 ? .kept : wait,
      tasks: state == .pending ? tasks.map(taskCount) ?? 1 : 1, nodes: native.nodes,
      adminComment: unsafe shared(pointer.pointee.admin_comment))
  }

  private mutating func shared(_ pointer: UnsafePointer<CChar>?) -> String? {
    guard let new = unsafe text(pointer) else { return nil }
    // Up to 15 bytes lie in the value itself.
    return new.utf8.count > 15 ? texts.insert(new).memberAfterInsert : new
  }

  private mutating func amounts(_ list: UnsafePointer<CChar>?) -> TRESAmounts {
    guard let list = unsafe text(list) else { return TRESAmounts() }
    if let known = amounts[list] { return known }
    let new = TRESTable.amounts(named: list)
    amounts[list] = new
    return new
  }

  private mutating func reason(_ number: UInt32) -> (word: String?, wait: SlurmJob.Wait) {
    if let known = reasons[number] { return known }
    let word = unsafe text(sluice_job_reason_string(Int32(truncatingIfNeeded: number)))
    let new = (word: word, wait: SlurmJob.Wait(reason: word ?? "None"))
    reasons[number] = new
    return new
  }
}

extension NativeJob.State {
  init(slurm state: UInt32) {
    let base = state & sluice_job_state_base
    if state & sluice_job_completing != 0 {
      self = .completing
    } else if state & sluice_job_revoked != 0 {
      self = .cancelled
    } else if state & sluice_job_configuring != 0, base == JOB_RUNNING.rawValue {
      self = .configuring
    } else if state & sluice_job_stopped != 0, base == JOB_RUNNING.rawValue {
      self = .suspended
    } else {
      self = Self.ofBase[base] ?? .failed
    }
  }

  private static let ofBase: [UInt32: Self] = [
    JOB_PENDING.rawValue: .pending, JOB_RUNNING.rawValue: .running, JOB_SUSPENDED.rawValue: .suspended,
    JOB_COMPLETE.rawValue: .completed, JOB_CANCELLED.rawValue: .cancelled, JOB_FAILED.rawValue: .failed,
    JOB_TIMEOUT.rawValue: .timeout, JOB_NODE_FAIL.rawValue: .nodeFailed, JOB_PREEMPTED.rawValue: .preempted,
    JOB_BOOT_FAIL.rawValue: .nodeFailed, JOB_DEADLINE.rawValue: .timeout, JOB_OOM.rawValue: .outOfMemory,
  ]
}

extension Timestamp {
  /// Nil for a time that isn't set.
  init?(slurm time: time_t) {
    guard time > 0, time < Int(sluice_no_value) else { return nil }
    self.init(seconds: Int64(time))
  }
}

extension TRESAmounts {
  init(_ list: UnsafePointer<CChar>?) { self = unsafe TRESTable.amounts(named: text(list)) }
}

/// Names of users by uid, asked of the system once each.
private struct UserNames {
  private var known: [UInt32: String] = [:]
  private static let most = 100_000

  mutating func name(of uid: UInt32) -> String {
    if let name = known[uid] { return name }
    var record = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16384)
    _ = unsafe getpwuid_r(uid, &record, &buffer, buffer.count, &found)
    let name = unsafe text(found?.pointee.pw_name) ?? "\(uid)"
    if known.count >= Self.most { known.removeAll() }
    known[uid] = name
    return name
  }
}
