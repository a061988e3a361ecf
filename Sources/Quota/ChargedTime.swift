/// When an allocation that has ended was there, and for how much of that time it counts: when it was suspended isn't
/// known. In seconds since the epoch.
package struct ChargedTime: Hashable, Sendable {
  package let startedAt: Int64
  package let endedAt: Int64
  package let seconds: Int64

  package init(startedAt: Int64, endedAt: Int64, seconds: Int64) {
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.seconds = seconds
  }

  /// The part of its seconds up to that moment, as if they were spread evenly. Whatever borders cut it, the parts are whole
  /// seconds, and their sum is the whole.
  package func seconds(before moment: Int64) -> Int64 {
    let length = endedAt - startedAt
    guard moment < endedAt, length > 0 else { return seconds }
    guard moment > startedAt else { return 0 }
    return Int64(Int128(seconds) * Int128(moment - startedAt) / Int128(length))
  }
}
