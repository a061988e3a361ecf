internal import CSlurm
internal import Glibc
internal import Model
internal import Wire

struct Partition {
  let detail: PartitionDetail
  /// A list of names, such as `a[1-4]`.
  let nodes: String
}

func readPartitions() throws(SlurmFault) -> [Partition] {
  var message: UnsafeMutablePointer<partition_info_msg_t>?
  errno = 0
  guard unsafe slurm_load_partitions(0, &message, UInt16(SHOW_ALL)) == 0, let message = unsafe message else {
    throw .last("read the partitions from slurmctld")
  }
  defer { unsafe slurm_free_partition_info_msg(message) }
  var result: [Partition] = []
  for index in 0..<Int(unsafe message.pointee.record_count) {
    let record = unsafe message.pointee.partition_array[index]
    unsafe result.append(Partition(detail: PartitionDetail(record), nodes: text(record.nodes) ?? ""))
  }
  return result
}

extension PartitionDetail {
  fileprivate init(_ record: partition_info_t) {
    let names = { (list: String?) in (list ?? "").split(separator: ",").map(String.init) }
    let state =
      switch UInt32(unsafe record.state_up) {
      case UInt32(PARTITION_SUBMIT | PARTITION_SCHED): "up"
      case UInt32(PARTITION_SUBMIT): "down"
      case UInt32(PARTITION_SCHED): "drain"
      default: "inactive"
      }
    self.init(
      name: unsafe text(record.name) ?? "",
      isDefault: UInt32(unsafe record.flags) & sluice_partition_default != 0, state: state,
      nodes: Int(unsafe record.total_nodes), capacity: unsafe TRESAmounts(record.tres_fmt_str),
      timeLimit: unsafe value(record.max_time).map { $0 * 60 }, qos: unsafe text(record.qos_char),
      allowedAccounts: names(unsafe text(record.allow_accounts)),
      allowedQos: names(unsafe text(record.allow_qos)))
  }
}
