import Simulation
import Synchronization
import Testing

/// A taste of what `make soak` runs by the million, with the debug build's checks on.
@Suite struct SimulationTests {
  @Test(arguments: 0..<64) func noSeedBreaksAPromise(seed: UInt64) {
    #expect(Trial(seed: seed, steps: 250).run() == nil, "replay: sluice-soak --seed \(seed) --steps 250")
  }

  /// Each was more than the auditor may count, or showed what the core did wrong; `docs/reliability.md` tells.
  @Test(arguments: [
    64276, 69518, 211_696, 261_933, 356_237, 385_875, 429_590, 502_165, 616_673, 710_549, 1_003_247,
    1_036_208,
    1_036_734, 1_119_562, 1_168_497,
  ])
  func noWorldBreaksThePromiseThatItOnceBroke(seed: UInt64) {
    #expect(Trial(seed: seed, steps: 1_000).run() == nil, "replay: sluice-soak --seed \(seed)")
  }

  @Test func aSeedIsAlwaysTheSameWorld() {
    func trace(keeping kept: [Int]? = nil) -> [String] {
      var lines: [String] = []
      _ = Trial(seed: 11, steps: 400).run(keeping: kept) { lines.append($0) }
      return lines
    }
    let first = trace()
    #expect(first.count > 50)
    #expect(trace() == first)
    #expect(
      trace(keeping: Array(0..<200))
        == first.filter { ($0.split(separator: " ").first.flatMap { Int($0) } ?? 0) < 200 })
  }

  @Test func everyKindOfTroubleHappens() {
    var lines: [String] = []
    for seed in 0..<40 { _ = Trial(seed: UInt64(seed), steps: 1_000).run { lines.append($0) } }
    let troubles = [
      "sluiced is killed", "sluiced dies beforeCommit", "sluiced dies beforeEffects",
      "sluiced dies amidEffects",
      "the ledger is restored from an older copy", "the agent of", "breaks", "crashController",
      "stopDatabase",
      "somebody sets", "settles what was loose", "refused", "unsettled", "is deleted", "is granted",
      "somebody moves", "below p", "below others", "each of its users", "somebody sets p0:u1", "p0:u0 [",
    ]
    for trouble in troubles {
      #expect(lines.contains { $0.contains(trouble) }, "in 40 worlds nothing of: \(trouble)")
    }
  }

  @Test func stepsAreWrittenAsTheyAreRead() {
    #expect(Trial.text(of: [3, 17, 20, 21, 22, 40]) == "3,17,20-22,40")
    #expect(Trial.steps(in: "3,17,20-22,40") == [3, 17, 20, 21, 22, 40])
    for wrong in ["", "x", "3,", "5-2", "1-x", "-3", "1-9999999"] { #expect(Trial.steps(in: wrong) == nil) }
  }
}
