/// What a job is given of each of its nodes though it doesn't ask for it.
package struct WholeNodes: Codable, Hashable, Sendable {
  /// What a node must have, of all that is known, to be one of the job's.
  package var each: TRESAmounts
  /// All CPUs and generic resources.
  package var exclusive: Bool
  package var allMemory: Bool
  /// Bytes for each of all CPUs; zero where memory doesn't go by them.
  package var memoryPerCPU: Amount

  package init(
    each: TRESAmounts = TRESAmounts(), exclusive: Bool = false, allMemory: Bool = false,
    memoryPerCPU: Amount = .zero
  ) {
    self.each = each
    self.exclusive = exclusive
    self.allMemory = allMemory
    self.memoryPerCPU = memoryPerCPU
  }

  private enum CodingKeys: String, CodingKey {
    case each, exclusive, allMemory
    case memoryPerCPU = "memoryPerCpu"
  }
}

/// Nodes of one partition that have the same.
package struct AlikeNodes: Hashable, Sendable {
  package var count: Int
  package var each: TRESAmounts

  package init(count: Int, each: TRESAmounts) {
    self.count = count
    self.each = each
  }
}
