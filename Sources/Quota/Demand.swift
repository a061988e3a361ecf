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

  /// When a lower demand begins to count; nil when none is waiting to.
  package var falls: Timestamp? { lowSince?.advanced(bySeconds: Self.hold) }
}
