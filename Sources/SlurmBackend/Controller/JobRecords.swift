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
    let count = Int(unsafe message.pointee.record_count)
    var found: [SlurmJob] = []
    found.reserveCapacity(count)
    for index in 0..<count {
      found.append(unsafe Self.job(message.pointee.job_array + index, &users))
    }
    jobs = found.sorted { $0.number < $1.number }
    lastUpdate = unsafe message.pointee.last_update
    return true
  }

  private static func job(
    _ pointer: UnsafeMutablePointer<slurm_job_info_t>, _ users: inout UserNames
  ) -> SlurmJob {
    let record = unsafe pointer.pointee
    let number = unsafe sluice_job_id(pointer)
    let state = NativeJob.State(slurm: unsafe record.job_state)
    let tasks = unsafe text(record.array_task_str)
    let reason = unsafe text(sluice_job_reason_string(Int32(record.state_reason)))
    let array = unsafe record.array_job_id
    let native = NativeJob(
      id: "\(number)", name: unsafe text(record.name) ?? "",
      user: unsafe text(record.user_name) ?? users.name(of: record.user_id),
      account: unsafe text(record.account) ?? "", partition: unsafe text(record.partition) ?? "",
      qos: unsafe text(record.qos), state: state, reason: reason,
      reasonDetail: unsafe text(record.state_desc),
      requested: unsafe TRESAmounts(record.tres_req_str),
      allocated: state == .pending ? TRESAmounts() : unsafe TRESAmounts(record.tres_alloc_str),
      nodes: unsafe text(record.nodes), submitTime: Timestamp(seconds: Int64(unsafe record.submit_time)),
      startTime: Timestamp(slurm: unsafe record.start_time),
      endTime: Timestamp(slurm: unsafe record.end_time),
      timeLimit: unsafe value(record.time_limit).map { $0 * 60 }, restarts: Int(unsafe record.restart_cnt),
      exitCode: state.isEnded ? Int(unsafe record.exit_code >> 8 & 0xff) : nil,
      arrayJobId: array == 0 ? nil : "\(array)", arrayTasks: tasks)
    let isHeld = unsafe record.priority == 0
    return SlurmJob(
      native: native, number: number, wait: isHeld ? .kept : SlurmJob.Wait(reason: reason ?? "None"),
      tasks: state == .pending ? tasks.map(taskCount) ?? 1 : 1, nodes: native.nodes,
      adminComment: unsafe text(record.admin_comment))
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
