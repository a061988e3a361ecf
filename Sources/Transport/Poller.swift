internal import CLinux
internal import Glibc
internal import Synchronization

/// Owns an epoll, and an eventfd by which other threads get the attention of the one that waits.
final class Poller: Sendable {
  struct Event {
    let id: UInt64
    let isReadable: Bool
    let isWritable: Bool
    /// Both directions are shut.
    let hasHungUp: Bool
  }

  static let readable = EPOLLIN.rawValue
  static let writable = EPOLLOUT.rawValue

  /// Of one wait; few enough for the stack.
  private static let mostEvents = 64

  /// No connection has this id.
  private static let wakeID = UInt64.max

  private let epoll: FileDescriptor
  private let eventfd: FileDescriptor
  private let calls = Mutex<Calls>(Calls())

  /// What other threads want of the waiting one.
  struct Calls {
    var resumed: [UInt64] = []
    var mustStop = false
  }

  init() throws(TransportError) {
    let poll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard poll >= 0 else { throw .system("epoll_create1") }
    epoll = FileDescriptor(owning: poll)
    let event = CLinux.eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard event >= 0 else { throw .system("eventfd") }
    eventfd = FileDescriptor(owning: event)
    try add(event, id: Self.wakeID, interest: Self.readable)
  }

  func add(_ file: Int32, id: UInt64, interest: UInt32) throws(TransportError) {
    guard control(EPOLL_CTL_ADD, file, id, interest) else { throw .system("epoll_ctl") }
  }

  /// Fails only for a file that is not there, which is a mistake of ours.
  func modify(_ file: Int32, id: UInt64, interest: UInt32) {
    precondition(control(EPOLL_CTL_MOD, file, id, interest), "epoll_ctl failed with error \(errno)")
  }

  private func control(_ operation: Int32, _ file: Int32, _ id: UInt64, _ interest: UInt32) -> Bool {
    var event = unsafe epoll_event(events: interest, data: epoll_data_t(u64: id))
    return unsafe epoll_ctl(epoll.number, operation, file, &event) == 0
  }

  func call(_ change: (inout Calls) -> Void) {
    calls.withLock { change(&$0) }
    var one: UInt64 = 1
    _ = unsafe write(eventfd.number, &one, 8)
  }

  /// Blocks until something happens, a second at most. Calls are taken: each is seen once. `isBusy` says that more is
  /// likely to come at once.
  func wait(isBusy: Bool) -> (events: [Event], calls: Calls) {
    var events: [Event] = []
    var hasCalls = false
    unsafe withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.mostEvents) { buffer in
      for index in 0..<(unsafe count(of: buffer, isBusy: isBusy)) {
        let event = unsafe Event(buffer[index])
        if event.id == Self.wakeID { hasCalls = true } else { events.append(event) }
      }
    }
    return (events, hasCalls ? takeCalls() : Calls())
  }

  private func count(of buffer: UnsafeMutableBufferPointer<epoll_event>, isBusy: Bool) -> Int {
    func wait(_ milliseconds: Int32) -> Int {
      unsafe Int(max(0, epoll_wait(epoll.number, buffer.baseAddress, Int32(buffer.count), milliseconds)))
    }
    let soon =
      isBusy
      ? lookOut { () -> Int? in
        let count = wait(0)
        return count > 0 ? count : nil
      } : nil
    return soon ?? wait(1000)
  }

  private func takeCalls() -> Calls {
    var counter: UInt64 = 0
    _ = unsafe read(eventfd.number, &counter, 8)
    return calls.withLock { calls in
      defer { calls = Calls() }
      return calls
    }
  }
}

extension Poller.Event {
  fileprivate init(_ event: epoll_event) {
    let bits = unsafe event.events
    self.init(
      id: unsafe event.data.u64, isReadable: bits & EPOLLIN.rawValue != 0,
      isWritable: bits & EPOLLOUT.rawValue != 0,
      hasHungUp: bits & (EPOLLHUP.rawValue | EPOLLERR.rawValue) != 0)
  }
}
