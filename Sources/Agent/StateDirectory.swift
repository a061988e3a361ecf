internal import Glibc
internal import Wire

/// The folder of what an agent keeps on disk. One agent has it at a time: it is locked as long as this lives.
@safe
final class StateDirectory: Sendable {
  let path: String
  /// Open for its lock and for fsync: a rename is on disk only once its directory is.
  private let lock: Int32

  /// No file here is larger.
  private static let longestFile = 64 << 20

  /// Made when it isn't there. Fails when another agent has it.
  init(path: String) throws(Failure) {
    self.path = path
    _ = unsafe mkdir(path, 0o700)
    let lock = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0 else { throw Self.failure("can't use the state directory \(path)") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      _ = close(lock)
      throw Failure(
        .conflict, "another agent uses the state directory \(path): give each agent one of its own")
    }
    self.lock = lock
  }

  deinit { _ = close(lock) }

  /// nil when there is no such file.
  func contents(of name: String) throws(Failure) -> [UInt8]? {
    let path = path + "/" + name
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      guard errno == ENOENT else { throw Self.failure("can't read \(path)") }
      return nil
    }
    defer { _ = close(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 65536)
    while bytes.count <= Self.longestFile {
      let count = unsafe read(file, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure("can't read \(path)") }
      guard count > 0 else { return bytes }
      bytes += piece[..<count]
    }
    throw Failure(.unavailable, "can't read \(path): it is larger than \(Self.longestFile >> 20) MiB")
  }

  /// Atomic, and on disk when it returns.
  func replace(_ name: String, with bytes: [UInt8]) throws(Failure) {
    let path = path + "/" + name
    let temporary = path + ".new"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.failure("can't write \(temporary)") }
    defer { _ = close(file) }
    guard Self.write(bytes, to: file), fsync(file) == 0 else {
      throw Self.failure("can't write \(temporary)")
    }
    guard unsafe rename(temporary, path) == 0, fsync(lock) == 0 else {
      throw Self.failure("can't write \(path)")
    }
  }

  private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
    unsafe bytes.withUnsafeBytes { bytes in
      var written = 0
      while written < bytes.count {
        let count = unsafe Glibc.write(file, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        written += count
      }
      return true
    }
  }

  private static func failure(_ what: String) -> Failure {
    Failure(.unavailable, what, cause: unsafe String(cString: strerror(errno)))
  }
}
