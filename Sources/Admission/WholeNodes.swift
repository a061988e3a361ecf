package import Model

extension WholeNodes {
  /// The least that `count` nodes of a partition give the job, of each TRES that it has whole; nothing where the job fits
  /// on too few of the nodes, for then it is not known which it waits for.
  package func least(of count: Int, among nodes: [AlikeNodes]) -> TRESAmounts {
    let fitting = nodes.filter { nodes in each.allSatisfy { $1 <= nodes.each.used($0) } }
    guard count > 0, fitting.reduce(0, { $0 + $1.count }) >= count else { return TRESAmounts() }
    var names = Set<TRES>()
    for nodes in fitting { names.formUnion(nodes.each.names.filter(isWhole)) }
    var least = TRESAmounts(
      names.sorted().map { tres in
        (tres, Self.smallest(count, of: fitting.map { ($0.each.used(tres), $0.count) }))
      })
    if exclusive, memoryPerCPU > .zero {
      least[.memory] = Self.smallest(count, of: fitting.map { (memory(of: $0.each), $0.count) })
    }
    return least
  }

  private func isWhole(_ tres: TRES) -> Bool {
    switch tres {
    case .memory: allMemory
    case .cpu: exclusive
    default: exclusive && tres.name.hasPrefix("gres/")
    }
  }

  /// By its CPUs, but no more than it has.
  private func memory(of node: TRESAmounts) -> Amount {
    min(memoryPerCPU.multiplied(by: node.used(.cpu).units), node.used(.memory))
  }

  /// The sum over the `count` nodes that have least.
  private static func smallest(_ count: Int, of nodes: [(amount: Amount, count: Int)]) -> Amount {
    var left = Int64(count)
    var sum = Amount.zero
    for node in nodes.sorted(by: { $0.amount < $1.amount }) where left > 0 {
      let taken = min(left, Int64(node.count))
      sum += node.amount.multiplied(by: taken)
      left -= taken
    }
    return sum
  }
}
