internal import Model
internal import Synchronization
internal import Wire

/// The number of the last write the agent took on, and whether it has ended: on disk before the cluster
/// learns of the write.
final class WriteRecord: Sendable {
  struct Entry: Codable, Equatable {
    let term: Int64
    let sequence: Int64
    var ended: Bool

    var number: WriteNumber { WriteNumber(term: term, sequence: sequence) }
  }

  private let directory: StateDirectory
  private let entry: Mutex<Entry?>

  private static let fileName = "last-write.json"

  /// Fails when the file there can't be understood: with a lost number, an old write could be taken for a new one.
  init(directory: StateDirectory) throws(Failure) {
    self.directory = directory
    entry = Mutex(try Self.read(from: directory))
  }

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

  private static func read(from directory: StateDirectory) throws(Failure) -> Entry? {
    guard let bytes = try directory.contents(of: fileName) else { return nil }
    do throws(Failure) {
      return try JSON.decode(Entry.self, from: bytes)
    } catch {
      throw Failure(
        .faulty,
        "\(directory.path)/\(fileName) is damaged, so the last write is not known: make sure that no write is under "
          + "way, give sluiced a term above all before, and remove the file", cause: error.message)
    }
  }

  private func store(_ entry: Entry) throws(Failure) {
    try directory.replace(Self.fileName, with: JSON.encode(entry))
  }
}
