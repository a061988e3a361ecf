import Model
import Quota
import Simulation
import Testing

/// Amounts in whole CPUs, to keep the tables short.
private func parts(
  of pool: Int64, _ claims: [(allotment: Int64, want: Int64, capacity: Int64)], relaxing: Bool = false
) -> [Int64] {
  let granule = Amount(units: 1)
  var claims = claims.map {
    Claim(
      allotment: Amount(units: $0.allotment), want: Amount(units: $0.want),
      capacity: Amount(units: $0.capacity),
      inForce: Amount(units: $0.allotment), floor: Amount(units: $0.allotment), granule: granule,
      isMovable: true,
      isClosing: false)
  }
  divide(Amount(units: pool), among: &claims, granule: granule, relaxing: relaxing)
  return claims.map(\.target.units)
}

@Suite struct DivisionTests {
  @Test func spreadsTheSpareByCapacity() {
    #expect(parts(of: 9, [(0, 0, 256), (0, 0, 128)]) == [6, 3])
  }

  @Test func givesAllToTheOneThatAsks() {
    #expect(parts(of: 8, [(5, 100, 256), (3, 0, 128)]) == [8, 0])
  }

  @Test func halvesWhenBothAsk() {
    #expect(parts(of: 8, [(8, 100, 256), (0, 100, 128)]) == [4, 4])
  }

  @Test func givesTheSmallerWantWhole() {
    #expect(parts(of: 8, [(8, 100, 256), (0, 1, 128)]) == [7, 1])
  }

  @Test func movesNothingThatNobodyNeeds() {
    #expect(parts(of: 8, [(8, 0, 256), (0, 0, 128)]) == [8, 0])
    #expect(parts(of: 8, [(8, 3, 256), (0, 0, 128)]) == [8, 0])
  }

  @Test func relaxesToTheIdeal() {
    #expect(parts(of: 9, [(9, 0, 256), (0, 0, 128)], relaxing: true) == [6, 3])
  }

  @Test func takesFromSurplusOnlyWhatIsNeeded() {
    #expect(parts(of: 12, [(6, 0, 100), (6, 0, 100), (0, 4, 100)]) == [4, 4, 4])
  }

  @Test func shrinksToASmallerPool() {
    #expect(parts(of: 4, [(4, 0, 100), (4, 0, 100)]).reduce(0, +) == 4)
  }

  @Test func givesNothingWithoutCapacity() {
    #expect(parts(of: 8, [(0, 0, 0), (0, 0, 4)]) == [0, 8])
  }

  @Test func neverExceedsThePoolAndLeavesNothingWanted() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<20_000 {
      let pool = Int64.random(in: 0...40, using: &random)
      let claims = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        (
          allotment: Int64.random(in: 0...20, using: &random), want: Int64.random(in: 0...30, using: &random),
          capacity: Int64.random(in: 1...50, using: &random)
        )
      }
      let result = parts(of: pool, claims, relaxing: Bool.random(using: &random))
      #expect(result.reduce(0, +) <= pool)
      let unmet = zip(result, claims).contains { $0 < $1.want }
      if unmet {
        #expect(result.reduce(0, +) == pool, "work waits, so all is given: \(pool) \(claims) \(result)")
      }
      // Max-min fairness: what one lacks, no other has beyond a granule more, unless it wants less.
      for (one, claim) in zip(result, claims) where one < claim.want {
        for (other, otherClaim) in zip(result, claims) where other > one + 1 {
          Issue.record("\(other) of \(otherClaim) beside \(one) of \(claim): \(pool) \(result)")
        }
      }
    }
  }
}
