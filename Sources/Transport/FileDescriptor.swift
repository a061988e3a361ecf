internal import Glibc

/// Owns an open file, and closes it.
struct FileDescriptor: ~Copyable, Sendable {
  let number: Int32

  init(owning number: Int32) { self.number = number }

  deinit { _ = close(number) }

  /// Gives the number to another owner.
  consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}

/// Two ends of one connection; neither is inherited by programs that this process starts.
struct SocketPair: ~Copyable, Sendable {
  let near: FileDescriptor
  let far: FileDescriptor

  init() throws(TransportError) {
    var ends: [Int32] = [-1, -1]
    guard
      unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else { throw .system("socketpair") }
    near = FileDescriptor(owning: ends[0])
    far = FileDescriptor(owning: ends[1])
  }
}
