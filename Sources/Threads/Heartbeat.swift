internal import Glibc
internal import Synchronization

/// Tells whether a loop still goes round. The loop beats at least once a second; whoever watches asks for how
/// long it has not.
package final class Heartbeat: Sendable {
  /// What goes round, such as "the writer".
  package let name: String
  private let last: Atomic<Int64>

  package init(_ name: String) {
    self.name = name
    last = Atomic(Self.now())
  }

  package func beat() { last.store(Self.now(), ordering: .relaxed) }

  /// Seconds since the last beat, or since this was made.
  package var age: Double { Double(Self.now() - last.load(ordering: .relaxed)) / 1e9 }

  private static func now() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
