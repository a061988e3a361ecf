/// The same numbers in every run and on every machine: splitmix64 (Steele, Lea, Flood: Fast Splittable
/// Pseudorandom Number Generators, 2014).
package struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// A stream of its own for each step of a world, so that a step stays what it is when others are left out.
  package init(seed: UInt64, step: Int) {
    var first = SeededRandom(seed: seed)
    state = first.next() &+ UInt64(bitPattern: Int64(step)) &* 0xD1B5_4A32_D192_ED03
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// From 0 to `bound` - 1. The bias is far below what a world could notice.
  package mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }

  package mutating func within(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// True `percent` times of a hundred.
  package mutating func happens(_ percent: Int) -> Bool { below(100) < percent }
}
