/// Runs one seed, and finds out what of it matters when it fails.
package struct Trial: Sendable {
  package let seed: UInt64
  package let steps: Int
  /// Only every so many seeds are brought to rest at the end, which costs as much as some hundred steps.
  static let restingSeeds: UInt64 = 8

  package init(seed: UInt64, steps: Int) {
    self.seed = seed
    self.steps = steps
  }

  /// - Parameter kept: The steps that are taken; all when nil.
  /// - Parameter trace: Gets a line for each thing that happens.
  package func run(keeping kept: [Int]? = nil, trace: ((String) -> Void)? = nil) -> Violation? {
    let world = World(seed: seed)
    world.trace = trace
    do throws(Violation) {
      for step in kept ?? Array(0..<steps) { try world.act(step: step) }
      if seed % Self.restingSeeds == 0 { try world.settle(step: steps) }
      return nil
    } catch {
      return error
    }
  }

  /// The fewest steps found that break the same rule: delta debugging (Zeller, Hildebrandt 2002).
  ///
  /// - Parameter most: How many runs to spend at most.
  package func shrink(_ violation: Violation, most: Int = 2_000) -> [Int] {
    var kept = Array(0..<min(steps, violation.step + 1))
    var runs = 0
    func fails(_ candidate: [Int]) -> Bool {
      runs += 1
      return run(keeping: candidate)?.rule == violation.rule
    }
    var size = max(1, kept.count / 2)
    while runs < most {
      var start = 0
      var hasShrunk = false
      while start < kept.count, runs < most {
        let candidate = Array(kept[..<start] + kept[min(start + size, kept.count)...])
        if fails(candidate) {
          kept = candidate
          hasShrunk = true
        } else {
          start += size
        }
      }
      if size == 1, !hasShrunk { break }
      size = max(1, size / 2)
    }
    return kept
  }
}

extension Trial {
  /// As a command line takes them: `3,17,20-31`.
  package static func text(of steps: [Int]) -> String {
    var ranges: [ClosedRange<Int>] = []
    for step in steps {
      if let last = ranges.last, last.upperBound + 1 == step {
        ranges[ranges.count - 1] = last.lowerBound...step
      } else {
        ranges.append(step...step)
      }
    }
    return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
      .joined(separator: ",")
  }

  /// - Returns: Nil when `text` is no list of steps.
  package static func steps(in text: String) -> [Int]? {
    var steps: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { Int($0) }
      guard let first = ends.first ?? nil, let last = ends.last ?? nil, first <= last, last < 1_000_000 else {
        return nil
      }
      steps += first...last
    }
    return steps
  }
}
