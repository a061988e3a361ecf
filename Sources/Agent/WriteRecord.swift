internal import Glibc
internal import Model
internal import Synchronization
internal import Wire

/// The number of the last write the agent took on, and whether it has ended: on disk before the cluster
/// learns of the write. Holds the state directory's lock as long as it lives.
@safe
final class WriteRecord: Sendable {
  struct Entry: Codable, Equatable {
    let term: Int64
    let sequence: Int64
    var ended: Bool

    var number: WriteNumber { WriteNumber(term: term, sequence: sequence) }
  }

  private let directory: String
  /// Open for its lock and for fsync: a rename is on disk only once its directory is.
  private let lock: Int32
  private let entry: Mutex<Entry?>

  private static let fileName = "last-write.json"

  /// Fails when another agent has the directory, and when the file there can't be understood: with a lost
  /// number, an old write could be taken for a new one.
  init(directory: String) throws(Failure) {
    self.directory = directory
    _ = unsafe mkdir(directory, 0o700)
    let lock = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard lock >= 0 else { throw Self.failure("can't use the state directory \(directory)") }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      _ = close(lock)
      throw Failure(
        .conflict, "another agent uses the state directory \(directory): give each agent one of its own")
    }
    do throws(Failure) {
      entry = Mutex(try Self.read(directory + "/" + Self.fileName))
    } catch {
      _ = close(lock)
      throw error
    }
    self.lock = lock
  }

  deinit { _ = close(lock) }

  var last: Entry? { entry.withLock { $0 } }

  /// Takes `number` on. Refused as `outdated` unless it is above every number seen.
  /// Returns whether the write before it may have ended anywhere.
  func begin(_ number: WriteNumber) throws(Failure) -> Bool {
    try entry.withLock { entry throws(Failure) in
      if let seen = entry?.number, number <= seen {
        throw Failure(
          .outdated, "write \(number) is refused: write \(seen) was seen already, and numbers must rise")
      }
      let isUnknown = entry?.ended == false
      let new = Entry(term: number.term, sequence: number.sequence, ended: false)
      try store(new)
      entry = new
      return isUnknown
    }
  }

  func end() throws(Failure) {
    try entry.withLock { entry throws(Failure) in
      guard var ended = entry else { return }
      ended.ended = true
      try store(ended)
      entry = ended
    }
  }

  private static func read(_ path: String) throws(Failure) -> Entry? {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      guard errno == ENOENT else { throw failure("can't read \(path)") }
      return nil
    }
    defer { _ = close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe Glibc.read(file, &bytes, bytes.count)
    guard count >= 0 else { throw failure("can't read \(path)") }
    do throws(Failure) {
      return try JSON.decode(Entry.self, from: Array(bytes.prefix(count)))
    } catch {
      throw Failure(
        .faulty,
        "\(path) is damaged, so the last write is not known: make sure that no write is under way, give sluiced "
          + "a term above all before, and remove the file", cause: error.message)
    }
  }

  /// Atomic, and on disk when it returns.
  private func store(_ entry: Entry) throws(Failure) {
    let path = directory + "/" + Self.fileName
    let temporary = path + ".new"
    let file = unsafe open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.failure("can't write \(temporary)") }
    defer { _ = close(file) }
    let bytes = JSON.encode(entry)
    guard unsafe write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
      throw Self.failure("can't write \(temporary)")
    }
    guard unsafe rename(temporary, path) == 0, fsync(lock) == 0 else {
      throw Self.failure("can't write \(path)")
    }
  }

  private static func failure(_ what: String) -> Failure {
    Failure(.unavailable, what, cause: unsafe String(cString: strerror(errno)))
  }
}
