internal import Dispatch
internal import Synchronization
internal import Wire

/// A few threads for work that may block, and a bounded queue before them.
final class WorkQueue: Sendable {
  typealias Work = @Sendable () -> Void

  private struct State {
    var waiting: [Work] = []
    var idle: [Int]
    var isClosed = false
  }

  private let name: String
  private let most: Int
  private let threads: [DispatchQueue]
  private let state: Mutex<State>
  private let running = DispatchGroup()

  /// `most` may wait while `width` are being done.
  init(_ name: String, width: Int, most: Int) {
    self.name = name
    self.most = most
    threads = (0..<width).map { DispatchQueue(label: "\(name)-\($0)") }
    state = Mutex(State(idle: Array(0..<width)))
  }

  /// Refused as `overloaded` when the queue is full.
  func submit(_ work: @escaping Work) throws(Failure) {
    let thread = try state.withLock { state throws(Failure) -> Int? in
      guard !state.isClosed else { throw Failure(.unavailable, "the agent is about to end") }
      if let idle = state.idle.popLast() { return idle }
      guard state.waiting.count < most else {
        throw Failure(.overloaded, "\(most) calls already wait for \(name): try again later")
      }
      state.waiting.append(work)
      return nil
    }
    guard let thread else { return }
    threads[thread].async(group: running) { [self] in
      work()
      while let next = next(for: thread) { next() }
    }
  }

  /// Takes no more work, and waits until what has begun is done, at most that many seconds.
  func close(timeout: Double) {
    state.withLock { state in
      state.isClosed = true
      state.waiting = []
    }
    _ = running.wait(timeout: .now() + timeout)
  }

  private func next(for thread: Int) -> Work? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.idle.append(thread)
        return nil
      }
      return state.waiting.removeFirst()
    }
  }
}
