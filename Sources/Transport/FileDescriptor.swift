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
