internal import Glibc

/// Starts a thread of its own for work that blocks, which must never be done on the cooperative pool. `onceEnded` is
/// called there when the thread has let go of all that `body` held.
package func startThread(
  _ body: @escaping @Sendable () -> Void, onceEnded: @escaping @Sendable () -> Void = {}
) {
  let start = unsafe Unmanaged.passRetained(ThreadStart(body: body, onceEnded: onceEnded)).toOpaque()
  var thread = pthread_t()
  let result = unsafe pthread_create(&thread, nil, runThread, start)
  precondition(result == 0, "a thread can't be started: errno \(result)")
  pthread_detach(thread)
}

private final class ThreadStart {
  private var body: (@Sendable () -> Void)?
  private let onceEnded: @Sendable () -> Void

  init(body: @escaping @Sendable () -> Void, onceEnded: @escaping @Sendable () -> Void) {
    self.body = body
    self.onceEnded = onceEnded
  }

  func run() {
    body?()
    body = nil
    onceEnded()
  }
}

private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument = unsafe argument else { return nil }
  unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().run()
  return nil
}

/// Blocks the calling thread.
package func sleep(seconds: Double) {
  var left = timespec(tv_sec: Int(seconds), tv_nsec: Int((seconds - seconds.rounded(.down)) * 1e9))
  unsafe nanosleep(&left, nil)
}
