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

  /// Whether the file's header says that it is a backup, without SQLite: that would take a `-wal` file
  /// beside it for its own. Big-endian at offset 68 (https://www.sqlite.org/fileformat2.html).
  static func isBackup(fileAt path: String) -> Bool {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { _ = close(file) }
    var bytes = [UInt8](repeating: 0, count: 4)
    guard unsafe pread(file, &bytes, 4, 68) == 4 else { return false }
    return bytes.reduce(0) { $0 << 8 | Int32($1) } == backup.rawValue
  }
}

/// Keeps a second sluiced from the same file. Let it go only after SQLite has closed the file, whose own locks end
/// when the process closes any descriptor of it (fcntl(2)).
final class LedgerLock: Sendable {
  private let file: Mutex<Int32?>

  /// - Throws: `.inUse`, or `.cannotOpen`.
  init(path: String, mayCreate: Bool) throws(LedgerError) {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | (mayCreate ? O_CREAT : 0), 0o600)
    guard file >= 0 else { throw .cannotOpen(path: path, systemError()) }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let reason = systemError()
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
func systemError() -> String { unsafe String(cString: strerror(errno)) }
