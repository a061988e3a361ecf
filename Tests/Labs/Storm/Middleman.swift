import Foundation
import Synchronization

/// Stands on a socket between sluiced and an agent and passes bytes on, or doesn't. Both ends stay open.
final class Middleman: Sendable {
  enum Flow: Sendable {
    case passes, stalls
    /// A few bytes at a time.
    case trickles
  }

  struct Flows: Sendable {
    var toAgent = Flow.passes
    var fromAgent = Flow.passes
  }

  let flows = Mutex(Flows())
  private let listener: Int32
  private let target: String

  /// Listens at `path`, in place of `target`.
  init(at path: String, for target: String) throws {
    self.target = target
    listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let status = unsafe Self.withAddress(path) { address, size in unsafe bind(listener, address, size) }
    guard status == 0, listen(listener, 64) == 0 else {
      throw CommandFailure(description: "can't listen at \(path)")
    }
    Thread.detachNewThread { [listener, weak self] in
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0, let self else { return }
        self.join(client)
      }
    }
  }

  func end() {
    _ = shutdown(listener, Int32(SHUT_RDWR))
    flows.withLock { $0 = Flows() }
  }

  private func join(_ client: Int32) {
    let agent = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let status = unsafe Self.withAddress(target) { address, size in unsafe connect(agent, address, size) }
    guard status == 0 else {
      _ = close(client)
      _ = close(agent)
      return
    }
    Thread.detachNewThread { [self] in pump(from: client, to: agent) { $0.toAgent } }
    Thread.detachNewThread { [self] in pump(from: agent, to: client) { $0.fromAgent } }
  }

  /// Until one end closes; then the other is told so. The sockets stay, for the other thread: there are few.
  private func pump(from source: Int32, to sink: Int32, flow: @Sendable (Flows) -> Flow) {
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let present = flows.withLock { flow($0) }
      guard present != .stalls else {
        Thread.sleep(forTimeInterval: 0.05)
        continue
      }
      let count = unsafe recv(source, &buffer, present == .trickles ? 3 : buffer.count, 0)
      guard count > 0 else { break }
      // What came while it was being stopped waits here.
      while flows.withLock({ flow($0) == .stalls }) { Thread.sleep(forTimeInterval: 0.05) }
      guard unsafe send(sink, buffer, count, Int32(MSG_NOSIGNAL)) == count else { break }
      if present == .trickles { Thread.sleep(forTimeInterval: 0.02) }
    }
    _ = shutdown(source, Int32(SHUT_RDWR))
    _ = shutdown(sink, Int32(SHUT_RDWR))
  }

  private static func withAddress<Result>(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8.prefix(107)) }
    return unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
