internal import CSlurm
internal import Glibc

/// C strings for the length of one request: libslurm's records borrow them.
@safe
final class CStrings {
  private var pointers: [UnsafeMutablePointer<CChar>] = unsafe []

  deinit { while let pointer = unsafe pointers.popLast() { unsafe free(pointer) } }

  func callAsFunction(_ text: String) -> UnsafeMutablePointer<CChar> {
    guard let copy = unsafe strdup(text) else { fatalError("out of memory") }
    unsafe pointers.append(copy)
    return unsafe copy
  }

  /// A list of `texts`, which lives no longer than this.
  func list(_ texts: [String]) -> SlurmList {
    let list = SlurmList()
    for text in texts { unsafe list.append(UnsafeMutableRawPointer(self(text))) }
    return list
  }
}
