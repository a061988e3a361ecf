internal import Synchronization
package import Transport
internal import Wire

/// One client of an `RPCServer`.
package final class RPCPeer: Sendable {
  package let peer: Peer
  private let connection: LineConnection
  private let progress = Mutex(Progress())

  /// What a client has in progress at once; beyond it, no more is read from it until answers are sent.
  static let mostCalls = 64
  static let mostBytes = 16 << 20

  private struct Progress {
    var calls = 0
    var bytes = 0
    var isPaused = false
    /// The client sends no more.
    var hasEnded = false

    var isFull: Bool { calls >= RPCPeer.mostCalls || bytes >= RPCPeer.mostBytes }
  }

  init(_ connection: LineConnection) {
    self.connection = connection
    peer = connection.peer
  }

  package var id: UInt64 { connection.id }

  package func notify(_ method: String, _ parameters: some Encodable) {
    connection.send(Message.notification(method, parameters))
  }

  /// Sends a line made by `Message.notification`: for one that goes to many.
  package func notify(line: [UInt8]) { connection.send(line) }

  package func close() { connection.close() }

  func send(_ line: [UInt8]) { connection.send(line) }

  /// A call of `bytes` has come in.
  func begin(_ bytes: Int) {
    progress.withLock { progress in
      progress.calls += 1
      progress.bytes += bytes
      guard progress.isFull, !progress.isPaused else { return }
      progress.isPaused = true
      connection.pauseReading()
    }
  }

  /// It was answered.
  func end(_ bytes: Int) {
    progress.withLock { progress in
      progress.calls -= 1
      progress.bytes -= bytes
      if progress.isPaused, !progress.isFull {
        progress.isPaused = false
        connection.resumeReading()
      }
      if progress.hasEnded, progress.calls == 0 { connection.close() }
    }
  }

  /// A client that sends no more is let go once its calls are answered.
  func endInput() {
    progress.withLock { progress in
      progress.hasEnded = true
      if progress.calls == 0 { connection.close() }
    }
  }
}

extension RPCPeer: Hashable {
  package static func == (left: RPCPeer, right: RPCPeer) -> Bool { left === right }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
