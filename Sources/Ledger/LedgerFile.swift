internal import GRDB
internal import Glibc
internal import Synchronization

/// What a ledger's file is.
package enum LedgerMark: Int32, Sendable {
  case ledger = 0
  /// Made by `backup`: older than what the clusters have seen, so nobody may start with it as if it were not.
  /// In ASCII: SlBk.
  case backup = 0x536c_426b
  /// Recovery was asked for, and is not in the ledger yet. In ASCII: SlRc.
  case recovering = 0x536c_5263
}

// The mark is SQLite's application id: it changes within a transaction, and stands in the file's header.
extension LedgerMark {
  static func read(in database: Database) throws -> LedgerMark {
    let id = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
    return LedgerMark(rawValue: id) ?? .ledger
  }

  func write(in database: Database) throws {
    try database.execute(sql: "PRAGMA application_id = \(rawValue)")
  }

  /// Big-endian at this offset of the file (https://www.sqlite.org/fileformat2.html).
  private static let offset = 68
  /// What SQLite may have beside a file.
  private static let companions = ["-wal", "-shm", "-journal"]

  /// Whether the file's header says that it is a backup, without SQLite: that would take what lies beside the file for
  /// its own, though it may be of the ledger whose place the backup took.
  static func isBackup(fileAt path: String) -> Bool {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { _ = close(file) }
    var bytes = [UInt8](repeating: 0, count: 4)
    guard unsafe pread(file, &bytes, 4, offset) == 4 else { return false }
    return bytes == backup.bytes
  }

  static func hasCompanion(fileAt path: String) -> Bool {
    companions.contains { unsafe access(path + $0, F_OK) == 0 }
  }

  /// Makes a ledger that is `recovering` of a backup. Also without SQLite: the four bytes reach the disk whole or not
  /// at all, so that there is nothing to be rolled back, and whoever finds them finds nothing of another file beside.
  static func adoptBackup(at path: String) throws(LedgerError) {
    for end in companions { _ = unsafe unlink(path + end) }
    do {
      try sync(parent(of: path))
      let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
      guard file >= 0 else { throw SystemError.current }
      defer { _ = close(file) }
      guard unsafe pwrite(file, recovering.bytes, 4, offset) == 4, fsync(file) == 0 else {
        throw SystemError.current
      }
    } catch {
      throw .cannotOpen(path: path, "\(error)")
    }
  }

  private var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: rawValue >> (24 - 8 * $0)) } }
}

/// Keeps a second sluiced from the same file. Let it go only after SQLite has closed the file, whose own locks end
/// when the process closes any descriptor of it (fcntl(2)).
final class LedgerLock: Sendable {
  private let file: Mutex<Int32?>

  /// - Throws: `.inUse`, or `.cannotOpen`.
  init(path: String, mayCreate: Bool) throws(LedgerError) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | (mayCreate ? O_CREAT : 0), 0o600)
    guard file >= 0 else { throw .cannotOpen(path: path, SystemError.current.description) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let reason = SystemError.current.description
      _ = close(file)
      throw isTaken ? .inUse(path: path) : .cannotOpen(path: path, reason)
    }
    self.file = Mutex(file)
  }

  deinit { release() }

  func release() {
    if let file = file.withLock({ $0.take() }) { _ = close(file) }
  }
}

/// What errno says.
struct SystemError: Error, CustomStringConvertible {
  let description: String

  static var current: SystemError { SystemError(description: unsafe String(cString: strerror(errno))) }
}

func parent(of path: String) -> String {
  guard let end = path.lastIndex(of: "/") else { return "." }
  return end == path.startIndex ? "/" : String(path[..<end])
}

/// What the disk of a file or folder has left for those who aren't root.
func bytesFree(at path: String) throws(SystemError) -> Int64 {
  var disk = statvfs()
  guard unsafe statvfs(path, &disk) == 0 else { throw .current }
  return Int64(clamping: UInt64(disk.f_bavail) * UInt64(disk.f_frsize))
}

/// Has a file, or what a folder lists, on disk.
func sync(_ path: String) throws(SystemError) {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw .current }
  defer { _ = close(file) }
  guard fsync(file) == 0 else { throw .current }
}
