internal import Dispatch
internal import Glibc
internal import Synchronization

/// Keeps the last of what comes out of a socket. It reads on a thread of its own, so that whoever writes there
/// is never held up.
final class ErrorTail: Sendable {
  static let mostBytes = 4096

  private let socket: FileDescriptor
  private let kept = Mutex<[UInt8]>([])
  private let isDone = DispatchGroup()

  init(_ socket: consuming FileDescriptor) {
    self.socket = socket
    DispatchQueue(label: "errors").async(group: isDone) { [self] in read() }
  }

  /// Ends the socket; gives what is kept of all that was written to it before.
  func finish() -> String {
    // What has arrived can still be read after this.
    _ = shutdown(socket.number, Int32(SHUT_RDWR))
    isDone.wait()
    return kept.withLock { String(decoding: $0, as: UTF8.self) }
  }

  private func read() {
    var piece = [UInt8](repeating: 0, count: Self.mostBytes)
    while true {
      let count = unsafe recv(socket.number, &piece, piece.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      kept.withLock { kept in
        kept.append(contentsOf: piece[..<count])
        kept.removeFirst(max(0, kept.count - Self.mostBytes))
      }
    }
  }
}
