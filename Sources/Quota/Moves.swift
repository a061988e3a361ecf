package import Model

/// What a decision about a share needs to know of its cluster.
package struct Footing: Hashable, Sendable {
  /// Its agent answers with fresh views: a limit there can be changed and the change confirmed (rule 4).
  package var isMovable: Bool
  package var isDrained: Bool
  package var capacity: TRESAmounts

  package init(isMovable: Bool, isDrained: Bool, capacity: TRESAmounts) {
    self.isMovable = isMovable
    self.isDrained = isDrained
    self.capacity = capacity
  }
}

/// New allotments, and when to look again although nothing was reported.
package struct Moves: Hashable, Sendable {
  package var allotments: NameMap<ClusterTag, TRESAmounts>
  package var lookAgain: Timestamp?
}

extension ProjectQuota {
  /// For how long nothing must have moved before idle shares are spread anew.
  package static let relaxAfter = 30.0

  /// The allotments that should change now. Shrinks are always safe; growth is at most what the cap leaves
  /// beside all that may be effective (rules 1 and 2), and none where the project is over (rule 6).
  package func moves(at now: Timestamp, footing: (ClusterName) -> Footing) -> Moves {
    let rows = shares.map { Row(share: $0.value, footing: footing($0.name)) }
    var new = rows.map(\.share.allotment)
    // One at a time: two that both came first would be where they were.
    let first = rows.firstIndex { $0.isMovable && !$0.isClosing && $0.share.demand.comesFirst(at: now) }
    let isQuiet = now.seconds(since: movedAt) >= Self.relaxAfter
    for (tres, cap) in caps {
      let pool = cap - rows.filter { !$0.isMovable }.reduce(.zero) { $0 + $1.held(tres) }
      let targets = targets(for: tres, in: rows, pool: pool, relaxing: isQuiet && first == nil, first: first)
      let steps = steps(to: targets, of: tres, cap: cap, in: rows)
      for (index, amount) in steps.enumerated() where rows[index].isMovable { new[index][tres] = amount }
    }
    let times = rows.flatMap { [$0.share.demand.falls, $0.share.demand.nextTurn(after: now)] }
    var moves = Moves(allotments: NameMap(), lookAgain: times.compactMap { $0 }.min())
    for (row, amounts) in zip(rows, new) where amounts != row.share.allotment {
      moves.allotments[row.share.cluster] = amounts
    }
    // Cheaper than to find out now whether anything will move then.
    if !isQuiet, rows.count > 1 {
      let relaxTime = movedAt.advanced(bySeconds: Self.relaxAfter)
      moves.lookAgain = moves.lookAgain.map { min($0, relaxTime) } ?? relaxTime
    }
    return moves
  }

  private struct Row {
    let share: Share
    let footing: Footing

    /// A cluster that was never read could hold anything: nothing is decided there before.
    var isMovable: Bool { footing.isMovable && share.isCurrent && !share.isDoubted }
    /// Running work goes on, but nothing new is meant to start.
    var isClosing: Bool { footing.isDrained || share.isLeaving }

    /// What the others can't have while the row doesn't move. Where nobody knows what is in force nothing grows
    /// anyway, and to take all from the others would not help.
    func held(_ tres: TRES) -> Amount {
      let inForce = share.inForce.used(tres)
      return inForce == .unbounded ? share.allotment.used(tres) : inForce
    }

    func claim(_ tres: TRES) -> Claim {
      let capacity = footing.capacity[tres] ?? tres.granule
      return Claim(
        allotment: share.allotment.used(tres),
        want: isClosing ? .zero : min(share.demand.held.used(tres), capacity),
        capacity: isClosing ? .zero : capacity)
    }
  }

  /// Where each row should go; rows that can't move stay where they are.
  private func targets(
    for tres: TRES, in rows: [Row], pool: Amount, relaxing: Bool, first: Int? = nil
  ) -> [Amount] {
    var targets = rows.map { $0.isMovable ? Amount.zero : $0.share.allotment.used(tres) }
    var pool = pool
    if let first {
      targets[first] = min(pool.roundedDown(to: tres.granule), rows[first].claim(tres).want)
      pool -= targets[first]
    }
    let open = rows.indices.filter { rows[$0].isMovable && !rows[$0].isClosing && $0 != first }
    let parts = divide(
      pool, among: open.map { rows[$0].claim(tres) }, granule: tres.granule, relaxing: relaxing)
    for (index, part) in zip(open, parts) { targets[index] = part }
    return targets
  }

  /// How far each row may go towards its target now.
  private func steps(to targets: [Amount], of tres: TRES, cap: Amount, in rows: [Row]) -> [Amount] {
    var steps = rows.map { $0.share.allotment.used(tres) }
    for (index, row) in rows.enumerated() where row.isMovable {
      steps[index] = min(steps[index], targets[index])
    }
    let inForce = inForce(tres)
    // Over, or not yet known not to be: nothing grows, and growth that was decided but not written is withdrawn.
    guard inForce <= cap else {
      for (index, row) in rows.enumerated() where row.isMovable {
        steps[index] = min(steps[index], row.share.floor.used(tres))
      }
      return steps
    }
    var headroom = cap - inForce
    let growing = rows.indices.filter { rows[$0].isMovable && targets[$0] > steps[$0] }
    // Those who would start work with it come first.
    let isStarved = { (index: Int) in rows[index].claim(tres).want > steps[index] }
    for index in growing.filter(isStarved) + growing.filter({ !isStarved($0) }) {
      let counted = rows[index].share.inForce.used(tres)
      let step = min(targets[index], (counted + headroom).roundedDown(to: tres.granule))
      guard step > steps[index] else { continue }
      headroom -= step - counted
      steps[index] = step
    }
    return steps
  }
}
