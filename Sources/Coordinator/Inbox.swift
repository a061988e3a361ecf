internal import Core
internal import Model
internal import RPC
internal import Synchronization
internal import Wire
internal import Glibc

/// What reaches the writer.
enum Item: Sendable {
  case call(RPCCall)
  case gone(RPCPeer)
  case linked(ClusterName, AgentHello)
  case unlinked(ClusterName, reason: String)
  case view(ClusterName, UsageView)
  case writeEnded(ClusterName, WriteNumber, WriteEnd)
  case stop
}

/// The one way to the writer: bounded, first in, first out.
///
/// Calls are refused when it is full; agents wait for room, so that nothing they told is lost.
final class Inbox: Sendable {
  private static let capacity = 8192

  private let queue: Guarded<[Item]> = Guarded([])

  /// Returns false when there is no room.
  func offer(_ item: Item) -> Bool {
    queue.change { items in
      guard items.count < Self.capacity else { return false }
      items.append(item)
      return true
    }
  }

  /// Waits for room. The last items of a connection (`gone`, `unlinked`, `stop`) are always taken.
  func put(_ item: Item) {
    switch item {
    case .gone, .unlinked, .stop: queue.change { $0.append(item) }
    default:
      queue.wait(until: { $0.count < Self.capacity }, timeout: nil) { $0.append(item) }
    }
  }

  /// All that has come, at least one item unless `seconds` pass first.
  func take(waiting seconds: Double) -> [Item] {
    queue.wait(until: { !$0.isEmpty }, timeout: seconds) { items in
      let taken = items
      items.removeAll(keepingCapacity: true)
      return taken
    }
  }
}

/// A value behind a lock, with a condition that is signalled at each change.
final class Guarded<Value: Sendable>: @unchecked Sendable {
  private var value: Value
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
}
