internal import ArgumentParser
internal import Simulation
internal import Synchronization
internal import Threads

/// Many seeds on all processors, with a line of progress every ten seconds.
struct Soak {
  let first: UInt64
  let seeds: UInt64
  let steps: Int
  let threads: Int
  let mostFailures: Int

  private final class Board: Sendable {
    let next: Atomic<UInt64>
    let done = Atomic<UInt64>(0)
    let failures = Mutex<[(seed: UInt64, violation: Violation)]>([])
    let running: Atomic<Int>

    init(first: UInt64, threads: Int) {
      next = Atomic(first)
      running = Atomic(threads)
    }
  }

  func run() throws {
    let board = Board(first: first, threads: threads)
    let start = ContinuousClock.now
    for _ in 0..<threads { startThread { work(on: board) } }
    var nextWord = 10.0
    while board.running.load(ordering: .acquiring) > 0 {
      sleep(seconds: 0.05)
      let elapsed = (ContinuousClock.now - start) / .seconds(1)
      if elapsed >= nextWord {
        print("\(board.done.load(ordering: .relaxed)) of \(seeds) seeds in \(Int(elapsed)) s")
        nextWord += 10
      }
    }
    let elapsed = (ContinuousClock.now - start) / .seconds(1)
    let failures = board.failures.withLock { $0.sorted { $0.seed < $1.seed } }
    for failure in failures.prefix(mostFailures) { tell(failure.seed, failure.violation) }
    let done = board.done.load(ordering: .acquiring)
    let rate = Int(Double(done) * Double(steps) / elapsed)
    print(
      "\(done) seeds of \(steps) steps from \(first) in \(Int(elapsed * 10) / 10) s, \(rate) steps a second: "
        + "\(failures.count) broke a promise")
    if !failures.isEmpty { throw ExitCode.failure }
  }

  private func work(on board: Board) {
    defer { board.running.wrappingSubtract(1, ordering: .releasing) }
    while board.failures.withLock({ $0.count < mostFailures }) {
      let seed = board.next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard seed < first + seeds else { return }
      if let violation = Trial(seed: seed, steps: steps).run() {
        board.failures.withLock { $0.append((seed, violation)) }
      }
      board.done.wrappingAdd(1, ordering: .releasing)
    }
  }

  private func tell(_ seed: UInt64, _ violation: Violation) {
    print("seed \(seed): \(violation)")
    let kept = Trial(seed: seed, steps: steps).shrink(violation)
    print(
      "  replay: sluice-soak --seed \(seed) --steps \(steps)\n"
        + "  shrunk to \(kept.count): sluice-soak --seed \(seed) --steps \(steps) --keep \(Trial.text(of: kept))"
    )
  }
}
