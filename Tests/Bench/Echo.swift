internal import CLinux
internal import Glibc
internal import Threads
internal import Transport

/// The least that a server on a Unix socket can do: one thread, which reads what comes and writes as many bytes as an
/// answer has. Both ends wait as Sluice's do, and the client is Sluice's own, so that what is compared differs in what
/// is done with a line alone.
final class Echo {
  enum Place {
    /// A thread of this process, as the servers are that this process measures in itself.
    case thread
    /// A process of its own, as an agent is.
    case process
  }

  private let client: LineClient
  private let child: Child?
  private let line: [UInt8]

  /// In bytes, at most 4096 of each.
  init(asked: Int, answered: Int, in place: Place) throws {
    line = [UInt8](repeating: UInt8(ascii: "x"), count: asked - 1) + [UInt8(ascii: "\n")]
    let path = "/tmp/sluice-bench-\(getpid())-echo.sock"
    switch place {
    case .thread:
      child = nil
      let listener = try listenForEcho(path)
      startThread { serveEcho(listener, answered: answered) }
    case .process: child = try Child(["/proc/self/exe", "--echo", path, "\(answered)"])
    }
    var client: LineClient?
    let isThere = waitUntil(seconds: 10) {
      client = try? LineClient.connect(path: path, timeout: 1)
      return client != nil
    }
    guard isThere, let client else { throw NotMeasured("the echo doesn't listen") }
    self.client = client
    _ = unsafe unlink(path)
  }

  /// `isSoon` is `LineClient.receive`'s.
  func roundTrip(isSoon: Bool) throws {
    try client.send(line, timeout: 10)
    guard try client.receive(until: Deadline(after: 10), isSoon: isSoon) != nil else {
      throw NotMeasured("the echo broke")
    }
  }

  func stop() {
    client.close()
    child?.wait()
  }
}

func listenForEcho(_ path: String) throws -> Int32 {
  let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  var address = sockaddr_un()
  guard listener >= 0, unsafe linux_unix_address(path, &address) == 0,
    unsafe linux_bind_unix(listener, &address) == 0, listen(listener, 1) == 0
  else { throw NotMeasured("the echo can't listen on \(path): error \(errno)") }
  return listener
}

/// Until its one client is gone.
func serveEcho(_ listener: Int32, answered: Int) {
  let socket = accept(listener, nil, nil)
  _ = close(listener)
  defer { _ = close(socket) }
  let answer = [UInt8](repeating: UInt8(ascii: "x"), count: answered - 1) + [UInt8(ascii: "\n")]
  var buffer = [UInt8](repeating: 0, count: 4096)
  func read(_ flags: Int) -> Int? {
    let count = unsafe buffer.withUnsafeMutableBytes {
      unsafe recv(socket, $0.baseAddress, $0.count, Int32(flags))
    }
    return count < 0 && errno == EAGAIN ? nil : count
  }
  while let count = lookOut({ read(MSG_DONTWAIT) }) ?? read(0), count > 0 {
    guard unsafe send(socket, answer, answered, Int32(MSG_NOSIGNAL)) == answered else { return }
  }
}
