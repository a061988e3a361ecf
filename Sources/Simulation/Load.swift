internal import Model

/// An amount of each of the two TRES that a world has, CPUs and GPUs: integers of its own, so that the auditor
/// needs none of the arithmetic that it audits.
typealias Load = SIMD2<Int64>

enum Lane {
  static let all: [(index: Int, tres: TRES)] = [(0, .cpu), (1, .gpu)]
}

extension Load {
  /// As a limit: none. Above everything a world can sum up to.
  static let unlimited = Load(repeating: 1 << 40)

  func fits(under limit: Load) -> Bool { all(self .<= limit) }

  func with(_ lane: Int, _ value: Int64) -> Load {
    var load = self
    load[lane] = value
    return load
  }

  /// As the agent tells it: what is unlimited isn't there.
  var amounts: TRESAmounts {
    var amounts = TRESAmounts()
    for (lane, tres) in Lane.all where self[lane] < Load.unlimited[lane] {
      amounts[tres] = Amount(units: self[lane])
    }
    return amounts
  }
}

/// `load` is in both lanes at most `limit`.
private func all(_ mask: SIMDMask<SIMD2<Int64.SIMDMaskScalar>>) -> Bool { mask[0] && mask[1] }
