internal import CSlurm
internal import Glibc
internal import Model
internal import Wire

/// The nodes, as far as quotas care.
struct NodeSummary: Sendable, Equatable {
  struct Node: Sendable, Equatable {
    /// Nothing is allocated on it, and nothing is being cleaned up.
    var isIdle: Bool
    /// It has answered slurmctld since it started, and is up.
    var isResponding: Bool
  }

  var nodes: [String: Node] = [:]
  /// What a job can have of each, at most.
  var sizes: [String: TRESAmounts] = [:]
  var capacity = TRESAmounts()
  /// Usable nodes that nothing is allocated on.
  var free = 0
  var counts = NodeCounts(total: 0, usable: 0, busy: 0)

  init() throws(SlurmFault) {
    var message: UnsafeMutablePointer<node_info_msg_t>?
    errno = 0
    guard unsafe slurm_load_node(0, &message, UInt16(SHOW_ALL)) == 0, let message = unsafe message else {
      throw .last("read the nodes from slurmctld")
    }
    defer { unsafe slurm_free_node_info_msg(message) }
    for index in 0..<Int(unsafe message.pointee.record_count) {
      let record = unsafe message.pointee.node_array[index]
      guard let name = unsafe text(record.name) else { continue }
      let resources = unsafe TRESAmounts(record.tres_fmt_str)
      add(name, state: unsafe record.node_state, resources)
      sizes[name] = unsafe resources.without(record)
    }
  }

  private mutating func add(_ name: String, state: UInt32, _ resources: TRESAmounts) {
    let base = state & sluice_node_state_base
    guard base != NODE_STATE_FUTURE.rawValue else { return }
    let isUp =
      base == NODE_STATE_IDLE.rawValue || base == NODE_STATE_ALLOCATED.rawValue
      || base == NODE_STATE_MIXED.rawValue
    let isResponding = isUp && state & sluice_node_silent == 0
    let isIdle = base == NODE_STATE_IDLE.rawValue && state & sluice_node_completing == 0
    nodes[name] = Node(isIdle: isIdle, isResponding: isResponding)
    counts.total += 1
    if isUp, !isIdle { counts.busy += 1 }
    guard isUp, state & sluice_node_unusable == 0 else { return }
    counts.usable += 1
    if isIdle { free += 1 }
    capacity.add(resources)
    capacity.add([.node: Amount(units: 1)])
  }
}

extension TRESAmounts {
  /// Some processors and some memory may be set aside for the system.
  fileprivate func without(_ record: node_info_t) -> TRESAmounts {
    mapped { tres, amount in
      switch tres {
      case .cpu: unsafe Swift.min(amount, Amount(units: Int64(record.cpus_efctv)))
      case .memory: unsafe amount - Amount(units: Int64(record.mem_spec_limit)).multiplied(by: 1 << 20)
      default: amount
      }
    }
  }
}

extension [Partition] {
  /// What the nodes of each have, by its name.
  func nodes(_ summary: NodeSummary) -> [String: [AlikeNodes]] {
    var result: [String: [AlikeNodes]] = [:]
    for partition in self {
      let sizes = nodeNames(in: partition.nodes).compactMap { summary.sizes[$0] }
      let counts = Dictionary(sizes.map { ($0, 1) }, uniquingKeysWith: +)
      result[partition.detail.name] = counts.map { AlikeNodes(count: $1, each: $0) }
    }
    return result
  }
}

/// The names that a list such as `a[1-4,7],b2` stands for.
func nodeNames(in list: String) -> [String] {
  guard let hosts = unsafe slurm_hostlist_create(list) else { return [] }
  defer { unsafe slurm_hostlist_destroy(hosts) }
  var names: [String] = []
  while let name = unsafe slurm_hostlist_shift(hosts) {
    unsafe names.append(String(cString: name))
    unsafe free(name)
  }
  return names
}
