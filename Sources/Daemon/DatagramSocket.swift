internal import CLinux
internal import Glibc

/// A socket without a name that sends datagrams to Unix sockets: to systemd, and to its journal.
final class DatagramSocket: Sendable {
  enum Outcome: Sendable {
    case sent
    /// The receiver is there, but takes nothing now.
    case busy
    case failed
  }

  /// How long a receiver may hold up the sender, in microseconds.
  private static let longestWait = 250_000

  private let number: Int32

  init() {
    number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var wait = timeval(tv_sec: 0, tv_usec: Self.longestWait)
    _ = unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { if number >= 0 { _ = close(number) } }

  /// - Parameter path: a socket's path, or `@` and an abstract name.
  func send(_ bytes: [UInt8], to path: String) -> Outcome {
    while true {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe linux_send_to(number, path, $0.baseAddress, $0.count)
      }
      if count >= 0 { return .sent }
      if errno == EINTR { continue }
      return errno == EAGAIN ? .busy : .failed
    }
  }
}
