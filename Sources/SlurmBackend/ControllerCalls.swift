internal import CSlurm
internal import Glibc
internal import Model
internal import Wire

/// Why a call to Slurm failed.
struct SlurmFault: Error, CustomStringConvertible {
  let call: String
  let code: Int32

  var description: String { "\(call): \(unsafe text(slurm_strerror(code)) ?? "error \(code)")" }

  /// The fault that libslurm left in errno for this thread.
  static func last(_ call: String) -> SlurmFault { SlurmFault(call: call, code: errno) }
}

/// The calls to slurmctld that only read. Each takes milliseconds, and at worst MessageTimeout.
enum ControllerCalls {
  /// What of the configuration matters here.
  struct Configuration: Equatable, Sendable {
    var cluster: String
    var release: String
    var bootTime: Timestamp?
    var enforcesLimits: Bool
    var trackedTRES: [String]
    var messageTimeout: Int
  }

  /// The configuration; nil when neither it nor the controller has changed since `time`.
  static func configuration(since time: Int) throws(SlurmFault) -> (conf: Configuration?, time: Int) {
    var pointer: UnsafeMutablePointer<slurm_conf_t>?
    guard unsafe slurm_load_ctl_conf(time, &pointer) == 0, let conf = unsafe pointer?.pointee else {
      guard errno == sluice_no_change else { throw .last("slurm_load_ctl_conf") }
      return (nil, time)
    }
    defer { unsafe slurm_free_ctl_conf(pointer) }
    let configuration = Configuration(
      cluster: unsafe text(conf.cluster_name) ?? "", release: unsafe text(conf.version) ?? "",
      bootTime: unsafe Timestamp(slurm: conf.boot_time),
      enforcesLimits: unsafe conf.accounting_storage_enforce & sluice_enforce_limits != 0,
      trackedTRES: unsafe (text(conf.accounting_storage_tres) ?? "").split(separator: ",").map(String.init),
      messageTimeout: unsafe Int(conf.msg_timeout))
    return (configuration, unsafe conf.last_update)
  }

  /// All jobs; nil when none has changed since `time`. The second value is the next `time`.
  static func jobs(since time: Int) throws(SlurmFault) -> (jobs: [NativeJob]?, time: Int) {
    var pointer: UnsafeMutablePointer<job_info_msg_t>?
    guard unsafe slurm_load_jobs(time, &pointer, sluice_show_all) == 0, let message = unsafe pointer?.pointee
    else {
      guard errno == sluice_no_change else { throw .last("slurm_load_jobs") }
      return (nil, time)
    }
    defer { unsafe slurm_free_job_info_msg(pointer) }
    let records = unsafe UnsafeBufferPointer(start: message.job_array, count: Int(message.record_count))
    var jobs: [NativeJob] = []
    jobs.reserveCapacity(records.count)
    for index in records.indices { jobs.append(unsafe NativeJob(slurm: records[index])) }
    jobs.sort { (Int($0.id) ?? 0) < (Int($1.id) ?? 0) }
    return (jobs, unsafe message.last_update)
  }

  static func nodes(since time: Int) throws(SlurmFault) -> (nodes: NodeView?, time: Int) {
    var pointer: UnsafeMutablePointer<node_info_msg_t>?
    guard unsafe slurm_load_node(time, &pointer, sluice_show_all) == 0, let message = unsafe pointer?.pointee
    else {
      guard errno == sluice_no_change else { throw .last("slurm_load_node") }
      return (nil, time)
    }
    defer { unsafe slurm_free_node_info_msg(pointer) }
    var view = NodeView()
    let records = unsafe UnsafeMutableBufferPointer(
      start: message.node_array, count: Int(message.record_count))
    for index in records.indices { unsafe view.add(&records[index]) }
    return (view, unsafe message.last_update)
  }

  static func partitions() throws(SlurmFault) -> [PartitionDetail] {
    var pointer: UnsafeMutablePointer<partition_info_msg_t>?
    guard unsafe slurm_load_partitions(0, &pointer, sluice_show_all) == 0,
      let message = unsafe pointer?.pointee
    else { throw .last("slurm_load_partitions") }
    defer { unsafe slurm_free_partition_info_msg(pointer) }
    let records = unsafe UnsafeBufferPointer(
      start: message.partition_array, count: Int(message.record_count))
    var partitions: [PartitionDetail] = []
    for index in records.indices { partitions.append(unsafe PartitionDetail(slurm: records[index])) }
    return partitions
  }

  /// Wakes the scheduler: any update of a job does, and one that sets the time limit the job has already
  /// changes nothing.
  static func touch(job: NativeJob) throws(SlurmFault) {
    guard let id = UInt32(job.id) else { return }
    var update = unsafe job_desc_msg_t()
    unsafe slurm_init_job_desc_msg(&update)
    unsafe update.job_id = id
    unsafe update.time_limit = job.timeLimit.map { UInt32(clamping: $0 / 60) } ?? sluice_infinite
    guard unsafe slurm_update_job(&update) == 0 else { throw .last("slurm_update_job") }
  }
}
