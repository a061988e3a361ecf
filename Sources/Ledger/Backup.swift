internal import GRDB
internal import Glibc

package enum BackupError: Error, Equatable, CustomStringConvertible {
  case notAbsolute(path: String)
  case exists(path: String)
  case noRoom(path: String, needed: Int64, free: Int64)
  case failed(path: String, String)

  package var description: String {
    switch self {
    case .notAbsolute(let path):
      "'\(path)' must be absolute, as in /var/lib/sluice/backup.sqlite: sluiced writes the file itself, on its host"
    case .exists(let path): "\(path) is there already: name a file that isn't"
    case .noRoom(let path, let needed, let free):
      "there is no room for \(path): it takes \(needed >> 20) MiB, and \(free >> 20) MiB are free"
    case .failed(let path, let cause):
      "\(path) can't be written: \(cause) (sluiced writes it, on its own host, as the user it runs as)"
    }
  }
}

/// A copy of a ledger, made beside its place and put there when it is whole and on disk.
struct Backup {
  /// Left free on the disk, since the ledger itself may lie there, and must be able to grow.
  private static let spared: Int64 = 16 << 20

  private let path: String
  private var part: String { path + ".part" }
  private var folder: String { parent(of: path) }

  init(path: String) throws(BackupError) {
    guard path.hasPrefix("/"), !path.utf8.contains(0) else { throw .notAbsolute(path: path) }
    self.path = path
  }

  /// Copies what `source` has, as of one moment. Returns the copy's size in bytes.
  func write(from source: DatabaseQueue) throws(BackupError) -> Int64 {
    guard !isThere else { throw .exists(path: path) }
    try checkRoom(for: source)
    try makePart()
    do {
      try copy(from: source)
      try sync(part)
      guard !isThere else { throw BackupError.exists(path: path) }
      guard unsafe rename(part, path) == 0 else { throw SystemError.current }
      try sync(folder)
    } catch {
      for end in ["", "-journal", "-wal", "-shm"] { _ = unsafe unlink(part + end) }
      throw error as? BackupError ?? failure("\(error)")
    }
    return size
  }

  private func failure(_ cause: String) -> BackupError { .failed(path: path, cause) }

  private var isThere: Bool {
    var status = stat()
    return unsafe lstat(path, &status) == 0
  }

  private var size: Int64 {
    var status = stat()
    return unsafe stat(path, &status) == 0 ? Int64(status.st_size) : 0
  }

  private func checkRoom(for source: DatabaseQueue) throws(BackupError) {
    do {
      let free = try bytesFree(at: folder)
      let needed = try source.read { database in
        let pages = try Int64.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        return pages * (try Int64.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
      }
      guard free >= needed + Self.spared else {
        throw BackupError.noRoom(path: path, needed: needed + Self.spared, free: free)
      }
    } catch {
      throw error as? BackupError ?? failure("\(error)")
    }
  }

  /// Nobody else may read it: it has the whole audit. A part that is there was cut off by a crash.
  private func makePart() throws(BackupError) {
    _ = unsafe unlink(part)
    let file = unsafe open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw failure(SystemError.current.description) }
    _ = close(file)
  }

  private func copy(from source: DatabaseQueue) throws {
    let target = try DatabaseQueue(path: part)
    try source.backup(to: target)
    try target.inDatabase { database in
      // One file, without a `-wal` beside it.
      try database.execute(sql: "PRAGMA journal_mode = DELETE")
      try LedgerMark.backup.write(in: database)
    }
    try target.close()
  }
}
