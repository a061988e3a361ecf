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
      var claims = claims(on: tres, footings)
      setTargets(of: &claims, for: tres, cap: cap, relaxing: isQuiet && first == nil, first: first)
      setSteps(of: &claims, for: tres, cap: cap)
      for index in claims.indices
      where claims[index].isMovable && shares[index].allotment[tres] != claims[index].step {
        let cluster = shares[index].cluster
        var amounts = moves.allotments[cluster] ?? shares[index].allotment
        amounts[tres] = claims[index].step
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

  /// Where each should go; those that can't move stay where they are.
  private func setTargets(
    of claims: inout [Claim], for tres: TRES, cap: Amount, relaxing: Bool, first: Int?
  ) {
    var pool = cap
    for index in claims.indices {
      if claims[index].isMovable { claims[index].target = .zero } else { pool -= claims[index].held }
    }
    if let first {
      claims[first].target = min(pool.roundedDown(to: tres.granule), claims[first].want)
      claims[first].isOpen = false
      pool -= claims[first].target
    }
    divide(pool, among: &claims, granule: tres.granule, relaxing: relaxing)
  }

  /// How far each may go towards its target now.
  private func setSteps(of claims: inout [Claim], for tres: TRES, cap: Amount) {
    var inForce = Amount.zero
    for index in claims.indices {
      inForce += claims[index].inForce
      claims[index].step = min(claims[index].allotment, claims[index].target)
    }
    // Over, or not yet known not to be: nothing grows, and growth that was decided but not written is withdrawn.
    guard inForce <= cap else {
      for index in claims.indices { claims[index].step = min(claims[index].step, claims[index].floor) }
      return
    }
    var headroom = cap - inForce
    // Those who would start work with it come first.
    for areStarved in [true, false] {
      for index in claims.indices where claims[index].target > claims[index].step {
        guard (claims[index].want > claims[index].step) == areStarved else { continue }
        let most = (claims[index].inForce + headroom).roundedDown(to: tres.granule)
        let step = min(claims[index].target, most)
        guard step > claims[index].step else { continue }
        headroom -= step - claims[index].inForce
        claims[index].step = step
      }
    }
  }
}

extension Claim {
  /// What the others can't have while this doesn't move. Where nobody knows what is in force nothing grows
  /// anyway, and to take all from the others would not help.
  fileprivate var held: Amount { inForce == .unbounded ? allotment : inForce }
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
    var need = Amount.zero
    for (index, claim) in claims(on: tres, footings).enumerated() {
      let used = shares[index].seen?.used.used(tres) ?? .zero
      need += claim.isMovable ? max(claim.want, used) : claim.held
    }
    return need.roundedUp(to: tres.granule)
  }

  /// One for each share, in their order.
  private func claims(on tres: TRES, _ footings: [Footing]) -> [Claim] {
    let shares = shares.values
    let granule = tres.granule
    let isHeld = isHeld(tres)
    return shares.indices.map { index in
      let capacity = footings[index].capacity[tres] ?? granule
      return Claim(
        allotment: shares[index].allotment.used(tres),
        want: min(shares[index].demand.held.used(tres), capacity), capacity: capacity,
        inForce: shares[index].inForce.used(tres), floor: shares[index].floor.used(tres), granule: granule,
        isMovable: isMovable(index, on: footings[index]),
        isClosing: isHeld || isClosing(index, on: footings[index]))
    }
  }
}
