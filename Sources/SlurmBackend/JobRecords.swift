internal import CSlurm
internal import Model
internal import Wire

extension NativeJob {
  init(slurm job: job_info_t) {
    let state = unsafe State(slurm: job.job_state)
    let isArrayHead = unsafe job.array_task_str != nil
    self.init(
      id: "\(unsafe job.job_id)", name: unsafe text(job.name) ?? "",
      user: unsafe text(job.user_name) ?? "\(unsafe job.user_id)", account: unsafe text(job.account) ?? "",
      partition: unsafe text(job.partition) ?? "", qos: unsafe text(job.qos), state: state,
      reason: unsafe text(slurm_job_reason_string(Int32(bitPattern: UInt32(job.state_reason)))),
      reasonDetail: unsafe text(job.state_desc),
      requested: SlurmTRES.amounts(formatted: unsafe text(job.tres_req_str)),
      allocated: SlurmTRES.amounts(formatted: unsafe text(job.tres_alloc_str)),
      nodes: unsafe text(job.nodes),
      submitTime: unsafe Timestamp(slurm: job.submit_time) ?? Timestamp(seconds: 0),
      startTime: unsafe Timestamp(slurm: job.start_time), endTime: unsafe Timestamp(slurm: job.end_time),
      timeLimit: unsafe Int64(slurm: job.time_limit).map { $0 * 60 }, restarts: Int(unsafe job.restart_cnt),
      exitCode: state.isEnded ? Int(unsafe job.exit_code) >> 8 & 0xff : nil,
      arrayJobId: unsafe job.array_job_id == 0 ? nil : "\(unsafe job.array_job_id)",
      arrayTasks: unsafe isArrayHead
        ? text(job.array_task_str) : Int64(slurm: job.array_task_id).map { "\($0)" })
  }
}

extension NativeJob.State {
  init(slurm state: UInt32) {
    if state & sluice_job_completing != 0 {
      self = .completing
      return
    }
    if state & sluice_job_configuring != 0 {
      self = .configuring
      return
    }
    switch Int(state & sluice_job_state_base) {
    case Int(JOB_PENDING.rawValue): self = .pending
    case Int(JOB_RUNNING.rawValue): self = .running
    case Int(JOB_SUSPENDED.rawValue): self = .suspended
    case Int(JOB_COMPLETE.rawValue): self = .completed
    case Int(JOB_CANCELLED.rawValue): self = .cancelled
    case Int(JOB_TIMEOUT.rawValue), Int(JOB_DEADLINE.rawValue): self = .timeout
    case Int(JOB_NODE_FAIL.rawValue), Int(JOB_BOOT_FAIL.rawValue): self = .nodeFailed
    case Int(JOB_PREEMPTED.rawValue): self = .preempted
    case Int(JOB_OOM.rawValue): self = .outOfMemory
    default: self = .failed
    }
  }
}

extension PartitionDetail {
  init(slurm partition: partition_info_t) {
    let state: String =
      switch unsafe Int32(partition.state_up) {
      case PARTITION_UP: "up"
      case PARTITION_DRAIN: "drain"
      case PARTITION_INACTIVE: "inactive"
      default: "down"
      }
    self.init(
      name: unsafe text(partition.name) ?? "", isDefault: unsafe UInt32(partition.flags) & 1 != 0,
      state: state,
      nodes: Int(unsafe partition.total_nodes),
      capacity: SlurmTRES.amounts(formatted: unsafe text(partition.tres_fmt_str)),
      timeLimit: unsafe Int64(slurm: partition.max_time).map { $0 * 60 },
      qos: unsafe text(partition.qos_char),
      allowedAccounts: Self.names(unsafe text(partition.allow_accounts)),
      allowedQos: Self.names(unsafe text(partition.allow_qos)))
  }

  private static func names(_ list: String?) -> [String] {
    guard let list, list.uppercased() != "ALL" else { return [] }
    return list.split(separator: ",").map(String.init)
  }
}

/// The nodes, summed up: what can take work at all, and what is left.
struct NodeView: Equatable, Sendable {
  var capacity = TRESAmounts()
  var free = TRESAmounts()
  var counts = NodeCounts(total: 0, usable: 0, busy: 0)
  /// Names of nodes on which something is allocated.
  var busy: Set<String> = []

  mutating func add(_ node: inout node_info_t) {
    counts.total += 1
    let name = unsafe text(node.name) ?? ""
    let pointer = unsafe sluice_node_allocated(&node)
    let allocated = SlurmTRES.amounts(formatted: unsafe text(pointer))
    unsafe sluice_node_allocated_free(pointer)
    let isBusy = allocated.used(.cpu) > .zero
    if isBusy {
      counts.busy += 1
      busy.insert(name)
    }
    let base = unsafe Int(node.node_state & sluice_node_state_base)
    let isDown = base == Int(NODE_STATE_DOWN.rawValue) || base == Int(NODE_STATE_UNKNOWN.rawValue)
    guard !isDown, unsafe node.node_state & sluice_node_unusable == 0 else { return }
    counts.usable += 1
    var all = SlurmTRES.amounts(formatted: unsafe text(node.tres_fmt_str))
    all[.billing] = nil
    all[.node] = Amount(units: 1)
    capacity.add(all)
    var left = all
    left.subtract(allocated.only(all))
    left[.node] = isBusy ? .zero : Amount(units: 1)
    free.add(left)
  }
}
