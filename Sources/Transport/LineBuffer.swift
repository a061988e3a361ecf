internal import Glibc

/// Puts lines together from whatever pieces come in. Looks at each byte once, however small the pieces are.
struct LineBuffer: Sendable {
  private let longestLine: Int
  private var bytes: [UInt8] = []
  /// Where the next line begins, and up to where no newline was found.
  private var start = 0
  private var searched = 0

  /// An idle connection keeps no more than this.
  private static let idleCapacity = 4096

  init(longestLine: Int) { self.longestLine = longestLine }

  /// Bytes that no line was made of yet.
  var count: Int { bytes.count - start }

  mutating func append(_ piece: UnsafeRawBufferPointer) {
    if start > 0 {
      bytes.removeSubrange(..<start)
      searched -= start
      start = 0
    }
    unsafe bytes.append(contentsOf: piece)
  }

  enum Next {
    case line([UInt8])
    /// There is none yet.
    case unfinished
    case tooLong
  }

  /// Takes the next line, without its newline.
  mutating func next() -> Next {
    guard let end = newline() else { return count > longestLine ? .tooLong : .unfinished }
    guard end - start <= longestLine else { return .tooLong }
    let line = Array(bytes[start..<end])
    advance(past: end)
    return .line(line)
  }

  /// Throws away up to and with the next newline; false when that has not come yet.
  mutating func skipLine() -> Bool {
    guard let end = newline() else {
      bytes = []
      start = 0
      searched = 0
      return false
    }
    advance(past: end)
    return true
  }

  private mutating func newline() -> Int? {
    let end = unsafe bytes[searched...].withUnsafeBytes { rest -> Int? in
      guard let base = rest.baseAddress, let found = unsafe memchr(base, 10, rest.count) else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
    guard let end else {
      searched = bytes.count
      return nil
    }
    return searched + end
  }

  private mutating func advance(past end: Int) {
    start = end + 1
    searched = start
    guard start == bytes.count else { return }
    start = 0
    searched = 0
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.idleCapacity)
  }
}
