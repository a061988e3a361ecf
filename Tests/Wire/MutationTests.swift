import Model
import Testing
import Wire

/// A small generator whose numbers depend on the seed alone.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

@Suite struct MutationTests {
  private static let seeds: [[UInt8]] = [
    Message.request(id: .integer(1), "limits.apply", Samples.write),
    Message.success(id: .string("a"), Samples.usage),
    Message.notification("jobs.changed", JobsChanged(jobs: [Samples.job], gone: ["1"])),
    Message.error(id: .null, Failure(.conflict, "m", cause: "c")),
    Array(#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":[1e5,-0.5,"\u00e9\ud83d\ude00",null]}}"#.utf8),
  ]

  private func mutate(_ line: [UInt8], _ random: inout SplitMix) -> [UInt8] {
    var line = line
    for _ in 0..<Int.random(in: 1...6, using: &random) where !line.isEmpty {
      let at = Int.random(in: 0..<line.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: line[at] = UInt8.random(in: 0...255, using: &random)
      case 1: line.remove(at: at)
      case 2: line.insert("{}[]\",:\\-0e.u".utf8.randomElement(using: &random) ?? 0, at: at)
      case 3: line.removeSubrange(at...)
      default:
        let part = line[at..<min(line.count, at + 40)]
        line.insert(contentsOf: part, at: Int.random(in: 0..<line.count, using: &random))
      }
    }
    return line
  }

  /// Whatever comes in, parsing ends in a message or a `Failure` with words, and what it took can be written
  /// and read again.
  @Test(arguments: [1, 2, 3] as [UInt64])
  func neverCrashes(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    var taken = 0
    for round in 0..<3000 {
      let line = mutate(Self.seeds[round % Self.seeds.count], &random)
      do {
        let message = try Message(parsing: line)
        taken += 1
        if case .request(_, _, let parameters) = message {
          _ = try? parameters.decode(LimitWrite.self)
          let written = JSON.encode(parameters.value)
          #expect(JSON.encode(try JSON.decode(JSONValue.self, from: written)) == written)
        }
      } catch {
        #expect(error.code == .malformed || error.code == .notARequest)
        #expect(!error.message.isEmpty)
      }
    }
    #expect(taken > 0)
  }
}
