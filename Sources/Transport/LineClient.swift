internal import CLinux
internal import Glibc
internal import Synchronization

/// The other end of a `LineServer`, or of a `LineProcess`, for threads that may block: one that sends, one that
/// receives.
package final class LineClient: Sendable {
  private let socket: FileDescriptor
  private let input: Mutex<Input>

  private struct Input {
    var lines: LineBuffer
    var piece = [UInt8](repeating: 0, count: 32 << 10)
  }

  /// - Parameter socket: of the stream type, and connected.
  init(socket: consuming FileDescriptor) {
    self.socket = socket
    input = Mutex(Input(lines: LineBuffer(longestLine: LineLimits().longestLine)))
  }

  /// `timeout` is in seconds, as everywhere here.
  package static func connect(path: String, timeout: Double) throws(TransportError) -> LineClient {
    let address = try ListeningSocket.address(path)
    let socket = try ListeningSocket.open()
    let deadline = Deadline(after: timeout)
    while true {
      let result = unsafe ListeningSocket.withAddress(address) {
        unsafe linux_connect_unix(socket.number, $0)
      }
      if result == 0 { return LineClient(socket: socket) }
      switch errno {
      case EAGAIN:
        // The server's queue is full. It can't be polled for, so ask again soon.
        guard !deadline.hasPassed else { throw .timedOut }
        usleep(5000)
      case EINTR: continue
      case ENOENT, ECONNREFUSED: throw .notListening(path)
      case EACCES, EPERM: throw .notPermitted(path)
      default: throw .system("connect", path)
      }
    }
  }

  /// Sends all of `bytes`, which should be whole lines: after `timedOut` a part may have been sent, and the
  /// connection is of no more use.
  package func send(_ bytes: [UInt8], timeout: Double) throws(TransportError) {
    var deadline: Deadline?
    var sent = 0
    while sent < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
        return unsafe Glibc.send(
          socket.number, rest.baseAddress, rest.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      }
      if count >= 0 {
        sent += count
      } else if errno == EAGAIN {
        let end = deadline ?? Deadline(after: timeout)
        deadline = end
        try wait(for: Int16(POLLOUT), until: end)
      } else if errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN {
        throw .closed
      } else if errno != EINTR {
        throw .system("send")
      }
    }
  }

  /// The next line without its newline, or nil when the other side or `close()` ended the connection. Waits
  /// for ever when `timeout` is nil; fails as `timedOut`, after which one may ask again.
  package func receive(timeout: Double?) throws(TransportError) -> [UInt8]? {
    try receive(until: timeout.map { Deadline(after: $0) }, isSoon: false)
  }

  /// `isSoon` is for an answer to what was just sent.
  package func receive(until deadline: Deadline?, isSoon: Bool) throws(TransportError) -> [UInt8]? {
    return try input.withLock { input throws(TransportError) in
      while true {
        switch input.lines.next() {
        case .line(let line): return line
        case .tooLong: throw .lineTooLong(LineLimits().longestLine)
        case .unfinished: break
        }
        guard try fill(&input, until: deadline, isSoon: isSoon) else { return nil }
      }
    }
  }

  /// Tells the other side that no more will come; what it answers still does.
  package func endSending() { _ = shutdown(socket.number, Int32(SHUT_WR)) }

  /// Ends the connection, and wakes whoever waits in `receive` or `send`.
  package func close() { _ = shutdown(socket.number, Int32(SHUT_RDWR)) }

  /// False at the end.
  private func fill(
    _ input: inout Input, until deadline: Deadline?, isSoon: Bool
  ) throws(TransportError) -> Bool {
    if isSoon, let count = lookOut({ read(&input) }) { return count > 0 }
    while true {
      // Not in recv(2): who waits there is woken already when the other side takes what was sent to it.
      try wait(for: Int16(POLLIN), until: deadline)
      if let count = read(&input) { return count > 0 }
      guard errno == EAGAIN || errno == EINTR else { throw .system("recv") }
    }
  }

  /// How many bytes came, 0 at the end; nil, with errno, where there is nothing yet.
  private func read(_ input: inout Input) -> Int? {
    let count = unsafe input.piece.withUnsafeMutableBytes { piece in
      unsafe recv(socket.number, piece.baseAddress, piece.count, Int32(MSG_DONTWAIT))
    }
    guard count > 0 else { return count == 0 || errno == ECONNRESET ? 0 : nil }
    unsafe input.piece.withUnsafeBytes { piece in
      unsafe input.lines.append(UnsafeRawBufferPointer(rebasing: piece[..<count]))
    }
    return count
  }

  private func wait(for events: Int16, until deadline: Deadline?) throws(TransportError) {
    var entry = pollfd(fd: socket.number, events: events, revents: 0)
    let result = unsafe poll(&entry, 1, deadline?.milliseconds ?? -1)
    if result == 0, deadline?.hasPassed == true { throw .timedOut }
  }
}

/// A moment on the clock that no one can set.
package struct Deadline: Sendable {
  private let moment: ContinuousClock.Instant

  package init(after seconds: Double) { moment = .now + .seconds(max(0, min(seconds, 1e9))) }

  package var hasPassed: Bool { ContinuousClock.now >= moment }

  /// Seconds until then; never negative.
  package var left: Double {
    let left = ContinuousClock.now.duration(to: moment) / .seconds(1)
    return max(0, left)
  }

  /// For poll(2): rounded up, so that it doesn't return just before the time.
  var milliseconds: Int32 { Int32(min(left * 1000 + 1, 1e9)) }
}
