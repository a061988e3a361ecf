import Foundation

/// A datagram socket that a test receives on, as systemd and its journal do.
final class DatagramReceiver {
  let path: String
  private let number: Int32

  /// - Parameter path: a path, or `@` and an abstract name.
  init(path: String = "/tmp/sluice-test-\(UUID().uuidString.prefix(8)).sock", seconds: Int = 20) throws {
    self.path = path
    number = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = path.hasPrefix("@") ? "\0" + path.dropFirst() : path
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name.utf8) }
    let length = socklen_t(2 + name.utf8.count + (path.hasPrefix("@") ? 0 : 1))
    let bound = unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(number, $0, length) }
    }
    var wait = timeval(tv_sec: seconds, tv_usec: 0)
    unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
    guard bound == 0 else { throw CocoaError(.fileWriteUnknown) }
  }

  deinit {
    close(number)
    if !path.hasPrefix("@") { unsafe unlink(path) }
  }

  /// The next datagram; nil when none comes in time, or at once where it is not to wait.
  func next(waiting: Bool = true) -> String? {
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    let flags = waiting ? 0 : Int32(MSG_DONTWAIT)
    let count = unsafe recv(number, &buffer, buffer.count, flags)
    return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
  }

  /// The first datagram that satisfies `condition`, of at most 200.
  func first(where condition: (String) -> Bool) -> String? {
    for _ in 0..<200 {
      guard let datagram = next() else { return nil }
      if condition(datagram) { return datagram }
    }
    return nil
  }
}
