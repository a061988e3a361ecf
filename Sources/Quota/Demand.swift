package import Model

/// What a project could use in one cluster: what it uses, and what its waiting jobs ask for as far as the
/// cluster has room. It rises at once and falls only after it stayed low for `hold` seconds, so that the gap
/// between one job and the next doesn't give the share away (damping).
package struct Demand: Hashable, Sendable {
  package static let hold = 3.0

  package private(set) var held = TRESAmounts()
  private var lowSince: Timestamp?

  package init() {}

  /// Takes in a new reading. Returns whether anything that counts has changed.
  @discardableResult
  package mutating func observe(_ current: TRESAmounts, at now: Timestamp) -> Bool {
    let before = held
    var isLow = false
    for (tres, amount) in held where current.used(tres) < amount { isLow = true }
    if !isLow {
      held = current
      lowSince = nil
    } else if let since = lowSince, now.seconds(since: since) >= Self.hold {
      held = current
      lowSince = nil
    } else {
      held = held.maximum(current)
      lowSince = lowSince ?? now
    }
    return held != before
  }

  private var stalledSince: Timestamp?
  private var lastUsed = TRESAmounts()

  /// Work waits although the share has room, and nothing has changed for `patience` seconds: what waits is
  /// wider than the room. A share of its usual size would never let it start.
  package static let patience = 10.0
  /// For how long a stalled share may then come first, and how long the others have before it may again.
  package static let turn = 20.0
  package static let pause = 60.0

  /// Takes in whether work waits, and whether it does so beside room that nobody uses. Room that comes or goes
  /// by the share's own turn changes nothing: only work that starts, ends or gives up does.
  package mutating func watch(used: TRESAmounts, isWaiting: Bool, hasRoom: Bool, at now: Timestamp) {
    if !isWaiting || used != lastUsed {
      stalledSince = nil
    } else if hasRoom {
      stalledSince = stalledSince ?? now
    }
    lastUsed = used
  }

  /// Whether the share comes first now. The turns come again and again, for as long as it is stalled: a job
  /// that can never start must not keep the others from their parts.
  package func comesFirst(at now: Timestamp) -> Bool {
    guard let stalledSince else { return false }
    let waited = now.seconds(since: stalledSince) - Self.patience
    return waited >= 0 && waited.truncatingRemainder(dividingBy: Self.turn + Self.pause) < Self.turn
  }

  /// When a lower demand begins to count; nil when none is waiting to.
  package var falls: Timestamp? { lowSince?.advanced(bySeconds: Self.hold) }

  /// When a stalled share begins to come first, or stops.
  package func nextTurn(after now: Timestamp) -> Timestamp? {
    guard let stalledSince else { return nil }
    let first = stalledSince.advanced(bySeconds: Self.patience)
    guard now >= first else { return first }
    let phase = now.seconds(since: first).truncatingRemainder(dividingBy: Self.turn + Self.pause)
    return now.advanced(bySeconds: phase < Self.turn ? Self.turn - phase : Self.turn + Self.pause - phase)
  }
}
