package import Model

/// A change of one share, as the ledger keeps it. `Share.apply` is the only thing that changes one.
package enum ShareEvent: Hashable, Codable, Sendable {
  /// A new allotment was decided. From now on growth counts (rule 2); a shrink doesn't yet. `was` is for
  /// whoever reads the ledger.
  case allotted(TRESAmounts, was: TRESAmounts)
  /// What may be effective is now known to be this.
  case bounded(TRESAmounts)
  /// Less than was known may be effective: someone else has lowered a limit.
  case lowered(floor: TRESAmounts)
  /// The account or the members changed, or a write didn't take: the share is to be written (again).
  case due
  case sent(WriteNumber)
  case confirmed(boot: Timestamp?)
  /// Someone else set these limits; nil when they are as allotted again.
  case foreign(TRESAmounts?)
  /// The project caps other TRES than before.
  case recapped(kept: [TRES], added: [TRES])
  case rebound(ClusterBinding)
  case leaving
  /// What the ledger has of this share may be older than what the cluster has: nothing is proven until a write with a
  /// number above `after` has ended there, and it was read after that.
  case doubted(after: WriteNumber)
}

extension ShareEvent {
  /// What holds there is to be looked at anew: of other TRES, or of another account.
  package var looksAnew: Bool {
    switch self {
    case .recapped(_, let added): !added.isEmpty
    case .rebound: true
    default: false
    }
  }
}

extension Share {
  /// It is to be written, and nothing is proven about it before that write has ended.
  package mutating func wait(for number: WriteNumber) {
    writing = .due(after: outstanding.map { max($0, number) } ?? number)
  }

  package mutating func apply(_ event: ShareEvent) {
    switch event {
    case .allotted(let amounts, _):
      allotment = amounts
      inForce = inForce.maximum(amounts)
      // At most what the cluster was read to have: writing it raises nothing.
      if isDoubted { floor = amounts }
      isDoubted = false
      writing = .due(after: outstanding)
    case .bounded(let amounts):
      inForce = amounts
    case .lowered(let amounts):
      floor = amounts
    case .due:
      writing = .due(after: outstanding)
    case .sent(let number):
      writing = .sent(number)
      floor = allotment.minimum(floor)
    case .confirmed(let boot):
      writing = .confirmed
      floor = allotment
      confirmedBoot = boot
      cleared = []
    case .foreign(let limits):
      foreign = limits
    case .recapped(let kept, let added):
      recap(keeping: kept, adding: added)
    case .rebound(let binding):
      if binding.account != account { forgetAccount() }
      account = binding.account
      parent = binding.parent
      isLeaving = false
      writing = .due(after: outstanding)
    case .leaving:
      isLeaving = true
    case .doubted(let number):
      doubt(after: number)
    }
  }

  /// What was known of one account says nothing about another: nobody has looked yet what holds there.
  private mutating func forgetAccount() {
    for tres in inForce.names { inForce[tres] = .unbounded }
    floor = TRESAmounts()
    cleared = []
    foreign = nil
    seen = nil
    isCurrent = false
  }

  private mutating func doubt(after number: WriteNumber) {
    floor = TRESAmounts()
    for tres in inForce.names {
      inForce[tres] = .unbounded
      // Also what was never allotted here may be, by what the ledger has lost: so it is written, too.
      allotment[tres] = allotment.used(tres)
    }
    wait(for: number)
    isDoubted = true
  }

  private mutating func recap(keeping kept: [TRES], adding added: [TRES]) {
    for tres in inForce.names where !kept.contains(tres) {
      inForce[tres] = nil
      floor[tres] = nil
      // What was never allotted was never written: a limit that is there is someone else's.
      guard allotment[tres] != nil else { continue }
      allotment[tres] = nil
      cleared.append(tres)
    }
    for tres in added {
      // It may still have its native limit: allotted nothing until it is read, it is lifted should the cap go again.
      if cleared.contains(tres) { allotment[tres] = .zero }
      cleared.removeAll { $0 == tres }
      // Nobody has looked yet what holds there for this TRES.
      inForce[tres] = .unbounded
    }
    writing = .due(after: outstanding)
  }
}

/// One look at an account, and how much it proves.
package struct Reading: Hashable, Sendable {
  package var sighting: Sighting
  package var capacity: TRESAmounts
  package var bootTime: Timestamp?
  /// The last write that had ended before the limits were read.
  package var applied: WriteNumber?
  /// False while a write whose outcome nobody knows could still take effect.
  package var isSettled: Bool

  package init(
    sighting: Sighting, capacity: TRESAmounts, bootTime: Timestamp?, applied: WriteNumber?, isSettled: Bool
  ) {
    self.sighting = sighting
    self.capacity = capacity
    self.bootTime = bootTime
    self.applied = applied
    self.isSettled = isSettled
  }

  /// The most that the cluster itself would let the account use of `tres`. No account, no jobs; no limit,
  /// the whole cluster (rule 7).
  func native(_ tres: TRES) -> Amount {
    guard sighting.accountExists else { return .zero }
    if let limit = sighting.limits[tres] { return limit }
    return capacity.isEmpty ? .unbounded : capacity.used(tres)
  }
}

/// What to do about a limit that someone else changed.
package enum DriftPolicy: String, CaseIterable, Codable, Sendable {
  case restore
  case report
}

extension Share {
  /// What a reading proves about this share.
  package func events(seeing reading: Reading, onDrift policy: DriftPolicy) -> [ShareEvent] {
    let hasEnded = outstanding.map { number in reading.applied.map { $0 >= number } ?? false } ?? true
    if isDoubted { return hasEnded ? findings(of: reading) : [] }
    var events: [ShareEvent] = []
    // Unsettled, something may still take effect that nobody here has sent: it may be another's, too.
    let bound = bound(by: reading, proven: hasEnded && reading.isSettled)
    if bound != inForce { events.append(.bounded(bound)) }
    let lowest = floor.mapped { min($1, reading.native($0)) }
    if lowest != floor { events.append(.lowered(floor: lowest)) }
    if hasEnded { events += progress(by: reading, onDrift: policy) }
    return events
  }

  /// What ends the doubt. While other clusters may hold more than the ledger knows, writing what it has could raise a
  /// limit here; and unsettled, something of the lost part may still lower what was read.
  private func findings(of reading: Reading) -> [ShareEvent] {
    let lesser = allotment.mapped { min($1, reading.native($0)) }
    let end = ShareEvent.allotted(lesser, was: allotment)
    guard reading.isSettled else { return [end, .lowered(floor: TRESAmounts())] }
    var found = self
    found.apply(end)
    return [end, .bounded(found.bound(by: reading, proven: true))]
  }

  /// Rule 2: the largest of what is decided, what is effective and what is used; and while a write may still
  /// land, never less than before.
  private func bound(by reading: Reading, proven: Bool) -> TRESAmounts {
    inForce.mapped { tres, before in
      let effective = max(allotment.used(tres), reading.native(tres), reading.sighting.used.used(tres))
      return proven ? effective : max(effective, before)
    }
  }

  private func progress(by reading: Reading, onDrift policy: DriftPolicy) -> [ShareEvent] {
    let limits = reading.sighting.limits
    let isAsAllotted =
      (reading.sighting.accountExists || isEnding) && allotment.allSatisfy { limits[$0.0] == $0.1 }
      && cleared.allSatisfy { limits[$0] == nil }
    switch writing {
    case .due:
      return []
    case .sent:
      guard isAsAllotted else { return [.due] }
      // Nobody looks at what was lifted any more: it may not be stored still, and come back.
      guard cleared.isEmpty || reading.isSettled else { return [] }
      return (foreign == nil ? [] : [.foreign(nil)]) + [.confirmed(boot: reading.bootTime)]
    case .confirmed where isAsAllotted:
      let isNewBoot = confirmedBoot != reading.bootTime
      return (foreign == nil ? [] : [.foreign(nil)]) + (isNewBoot ? [.confirmed(boot: reading.bootTime)] : [])
    case .confirmed:
      let found = limits.only(allotment)
      return (foreign == found ? [] : [.foreign(found)]) + (policy == .restore ? [.due] : [])
    }
  }
}
