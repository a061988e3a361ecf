/// Amounts by project and TRES, of a project with all below it.
typealias TreeAmounts = [String: [String: Int]]

/// Judges what a tree uses, or could use, by what its projects are promised alone.
enum TreeAudit {
  /// What is wrong with `amounts`, which are over all clusters.
  static func violations(_ tree: ProjectTree, _ amounts: TreeAmounts) -> [String] {
    let groups = Dictionary(grouping: tree.nodes) { $0.parent ?? "" }
    return groups.sorted { $0.key < $1.key }.flatMap { siblings(Array($0.value), amounts) }
  }

  /// Beyond its cap a project may use what it borrows, and all together what the others of them leave.
  private static func siblings(_ nodes: [ProjectTree.Node], _ amounts: TreeAmounts) -> [String] {
    var found: [String] = []
    for tres in Set(nodes.flatMap(\.caps.keys)).sorted() {
      var borrowed = 0
      var left = 0
      for node in nodes {
        guard let cap = node.caps[tres] else { continue }
        let amount = amounts[node.project]?[tres] ?? 0
        let most = cap + (node.borrow[tres] ?? 0)
        if amount > most { found.append("\(node.project) has \(amount) \(tres), allowed are \(most)") }
        borrowed += max(0, amount - cap)
        left += min(node.lend[tres] ?? 0, max(0, cap - amount))
      }
      if borrowed > left {
        let names = nodes.map(\.project).joined(separator: ", ")
        found.append("\(names) have \(borrowed) \(tres) beyond their caps, and leave \(left)")
      }
    }
    return found
  }

  /// The clusters can't be read at one moment. As in `Reading.join`: alpha is read before and after beta, and the
  /// lower counts.
  static func join(before: TreeAmounts, beta: TreeAmounts, after: TreeAmounts) -> TreeAmounts {
    var sum = beta
    for (project, amounts) in before {
      for (tres, amount) in amounts {
        sum[project, default: [:]][tres, default: 0] += min(amount, after[project]?[tres] ?? 0)
      }
    }
    return sum
  }
}
