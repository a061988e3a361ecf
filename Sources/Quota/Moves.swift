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
  ///
  /// - Parameter footings: One for each share, in their order.
  package func moves(at now: Timestamp, on footings: [Footing]) -> Moves {
    let shares = shares.values
    // One at a time: two that both came first would be where they were.
    let first = shares.indices.first {
      isMovable($0, on: footings[$0]) && !isClosing($0, on: footings[$0])
        && shares[$0].demand.comesFirst(at: now)
    }
    let isQuiet = now.seconds(since: movedAt) >= Self.relaxAfter
    var moves = Moves(allotments: NameMap())
    for (tres, cap) in allowed {
      let parts = shares.indices.map { part($0, of: tres, on: footings[$0]) }
      let pool = parts.reduce(cap) { $1.isMovable ? $0 : $0 - $1.held }
      let targets = targets(for: tres, in: parts, pool: pool, relaxing: isQuiet && first == nil, first: first)
      let steps = steps(to: targets, of: tres, cap: cap, in: parts)
      for index in parts.indices where parts[index].isMovable && shares[index].allotment[tres] != steps[index]
      {
        let cluster = shares[index].cluster
        var amounts = moves.allotments[cluster] ?? shares[index].allotment
        amounts[tres] = steps[index]
        moves.allotments[cluster] = amounts
      }
    }
    moves.lookAgain = nextLook(after: now, isQuiet: isQuiet)
    return moves
  }

  private func nextLook(after now: Timestamp, isQuiet: Bool) -> Timestamp? {
    let shares = shares.values
    var next: Timestamp?
    for index in shares.indices {
      next = earliest(next, shares[index].demand.falls)
      next = earliest(next, shares[index].demand.nextTurn(after: now))
    }
    // Cheaper than to find out now whether anything will move then.
    if !isQuiet, shares.count > 1 { next = earliest(next, movedAt.advanced(bySeconds: Self.relaxAfter)) }
    return next
  }

  private func earliest(_ one: Timestamp?, _ other: Timestamp?) -> Timestamp? {
    guard let one, let other else { return one ?? other }
    return min(one, other)
  }

  /// Where each part should go; those that can't move stay where they are.
  private func targets(
    for tres: TRES, in parts: [Part], pool: Amount, relaxing: Bool, first: Int?
  ) -> [Amount] {
    var targets = parts.map { $0.isMovable ? Amount.zero : $0.claim.allotment }
    var pool = pool
    if let first {
      targets[first] = min(pool.roundedDown(to: tres.granule), parts[first].claim.want)
      pool -= targets[first]
    }
    let open = parts.indices.filter { parts[$0].isMovable && !parts[$0].isClosing && $0 != first }
    let divided = divide(
      pool, among: open.map { parts[$0].claim }, granule: tres.granule, relaxing: relaxing)
    for (index, part) in zip(open, divided) { targets[index] = part }
    return targets
  }

  /// How far each part may go towards its target now.
  private func steps(to targets: [Amount], of tres: TRES, cap: Amount, in parts: [Part]) -> [Amount] {
    var steps = parts.map { $0.claim.allotment }
    for (index, part) in parts.enumerated() where part.isMovable {
      steps[index] = min(steps[index], targets[index])
    }
    let inForce = parts.reduce(Amount.zero) { $0 + $1.inForce }
    // Over, or not yet known not to be: nothing grows, and growth that was decided but not written is withdrawn.
    guard inForce <= cap else {
      for (index, part) in parts.enumerated() where part.isMovable {
        steps[index] = min(steps[index], part.floor)
      }
      return steps
    }
    var headroom = cap - inForce
    // Those who would start work with it come first.
    for areStarved in [true, false] {
      for (index, part) in parts.enumerated() where part.isMovable && targets[index] > steps[index] {
        guard (part.claim.want > steps[index]) == areStarved else { continue }
        let step = min(targets[index], (part.inForce + headroom).roundedDown(to: tres.granule))
        guard step > steps[index] else { continue }
        headroom -= step - part.inForce
        steps[index] = step
      }
    }
    return steps
  }
}

/// Of one TRES, what a share has and what it could use.
private struct Part {
  let isMovable: Bool
  let isClosing: Bool
  let inForce: Amount
  let floor: Amount
  let claim: Claim

  /// What the others can't have while the part doesn't move. Where nobody knows what is in force nothing grows
  /// anyway, and to take all from the others would not help.
  var held: Amount { inForce == .unbounded ? claim.allotment : inForce }
}

// Of the share with an index. Each asks for single values of it: handed on whole, it would be copied.
extension ProjectQuota {
  /// A cluster that was never read could hold anything: nothing is decided there before.
  private func isMovable(_ index: Int, on footing: Footing) -> Bool {
    footing.isMovable && shares.values[index].isCurrent && !shares.values[index].isDoubted
  }

  /// Running work goes on, but nothing new is meant to start.
  private func isClosing(_ index: Int, on footing: Footing) -> Bool {
    footing.isDrained || shares.values[index].isLeaving
  }

  /// What it uses and could use of `tres` over all clusters; where nothing can move, what may be effective there.
  ///
  /// - Parameter footings: One for each share, in their order.
  package func need(_ tres: TRES, on footings: [Footing]) -> Amount {
    let shares = shares.values
    let need = shares.indices.reduce(Amount.zero) { sum, index in
      let part = part(index, of: tres, on: footings[index])
      let used = shares[index].seen?.used.used(tres) ?? .zero
      return sum + (part.isMovable ? max(part.claim.want, used) : part.held)
    }
    return need.roundedUp(to: tres.granule)
  }

  private func part(_ index: Int, of tres: TRES, on footing: Footing) -> Part {
    let shares = shares.values
    let isClosing = isClosing(index, on: footing) || isHeld(tres)
    let capacity = footing.capacity[tres] ?? tres.granule
    let claim = Claim(
      allotment: shares[index].allotment.used(tres),
      want: isClosing ? .zero : min(shares[index].demand.held.used(tres), capacity),
      capacity: isClosing ? .zero : capacity)
    return Part(
      isMovable: isMovable(index, on: footing), isClosing: isClosing,
      inForce: shares[index].inForce.used(tres), floor: shares[index].floor.used(tres), claim: claim)
  }
}
