internal import Glibc

/// Peers are run in turns, and the middle of the rounds counts: a burst of other load can't decide.
func medians<Key: Hashable>(
  rounds: Int, _ peers: [(key: Key, run: () throws -> Double)]
) throws -> [Key: Double] {
  var samples: [Key: [Double]] = [:]
  for _ in 0..<rounds {
    for peer in peers { samples[peer.key, default: []].append(try peer.run()) }
  }
  return samples.mapValues { quantile(0.5, of: $0) }
}

/// The value that the part `share` of `samples` doesn't exceed.
func quantile(_ share: Double, of samples: [Double]) -> Double {
  let sorted = samples.sorted()
  return sorted.isEmpty ? .nan : sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
}

/// What a reader wants to know meanwhile, and beside the figures.
func note(_ text: String) {
  let line = Array("  \(text)\n".utf8)
  _ = unsafe write(STDERR_FILENO, line, line.count)
}
