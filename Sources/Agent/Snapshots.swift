internal import Synchronization
internal import Wire

/// Pages of lists that may change between them: a list of more than one page is kept for its followers, so
/// that each sees every row once.
final class Snapshots<Item: Codable & Sendable>: Sendable {
  private struct Snapshot {
    let id: Int
    let items: [Item]
  }

  private struct State {
    var lastID = 0
    var kept: [Snapshot] = []
  }

  /// The oldest makes room for a new one.
  private static var most: Int { 8 }

  private let state = Mutex(State())

  func page(
    limit: Int?, cursor: String?, of list: () throws(Failure) -> [Item]
  ) throws(Failure) -> Page<Item> {
    let limit = limit ?? PageRequest.usual
    guard (1...PageRequest.most).contains(limit) else {
      throw Failure(.badParameters, "limit: must be from 1 to \(PageRequest.most)")
    }
    guard let cursor else {
      let items = try list()
      guard items.count > limit else { return Page(items: items) }
      return Self.page(of: keep(items), from: 0, limit: limit)
    }
    let (snapshot, offset) = try find(cursor)
    return Self.page(of: snapshot, from: offset, limit: limit)
  }

  private static func page(of snapshot: Snapshot, from offset: Int, limit: Int) -> Page<Item> {
    let end = min(offset + limit, snapshot.items.count)
    return Page(
      items: Array(snapshot.items[offset..<end]),
      nextCursor: end < snapshot.items.count ? "\(snapshot.id)-\(end)" : nil)
  }

  private func keep(_ items: [Item]) -> Snapshot {
    state.withLock { state in
      state.lastID += 1
      let snapshot = Snapshot(id: state.lastID, items: items)
      if state.kept.count == Self.most { state.kept.removeFirst() }
      state.kept.append(snapshot)
      return snapshot
    }
  }

  private func find(_ cursor: String) throws(Failure) -> (Snapshot, Int) {
    let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let id = Int(parts[0]), let offset = Int(parts[1]) else {
      throw Failure(.badParameters, "cursor: is not one that this agent gave")
    }
    let found = state.withLock { $0.kept.first { $0.id == id } }
    guard let found, (0..<found.items.count).contains(offset) else {
      throw Failure(.badParameters, "cursor: has expired: list again without one")
    }
    return (found, offset)
  }
}
