import Foundation
import Logging
import Synchronization
import Testing

@testable import Transport

/// A folder of its own, removed at the end.
final class Folder: Sendable {
  let path: String

  init() throws {
    path = "/tmp/sluice-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var socket: String { path + "/s" }
}

/// Answers each line with itself, and remembers what happened.
final class Echo: LineHandler {
  struct Seen {
    var opened: [Peer] = []
    var closed = 0
    var lines = 0
  }

  private let record = Mutex(Seen())
  var seen: Seen { record.withLock { $0 } }

  let onLine: @Sendable (String, LineConnection) -> Bool

  /// `onLine` may take a line for itself, by returning true.
  init(onLine: @escaping @Sendable (String, LineConnection) -> Bool = { _, _ in false }) {
    self.onLine = onLine
  }

  func opened(_ connection: LineConnection) { record.withLock { $0.opened.append(connection.peer) } }
  func received(_ line: [UInt8], on connection: LineConnection) {
    record.withLock { $0.lines += 1 }
    if !onLine(String(decoding: line, as: UTF8.self), connection) { connection.send(line + [10]) }
  }
  func ended(_ connection: LineConnection) { connection.close() }
  func refusal(_ fault: LineFault) -> [UInt8] { Array("refused: \(fault)\n".utf8) }
  func closed(_ connection: LineConnection) { record.withLock { $0.closed += 1 } }

  /// Waits until `condition` holds; a test that depends on it fails after 20 s.
  func wait(_ what: Comment, until condition: (Seen) -> Bool) {
    let deadline = Deadline(after: 20)
    while !condition(seen) {
      guard !deadline.hasPassed else {
        Issue.record(what)
        return
      }
      usleep(2000)
    }
  }
}

func quiet() -> Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

func serve(
  _ folder: Folder, _ handler: any LineHandler, limits: LineLimits = LineLimits()
) throws -> LineServer {
  try LineServer(path: folder.socket, limits: limits, logger: quiet(), handler: handler)
}

func connect(_ folder: Folder) throws -> LineClient {
  try LineClient.connect(path: folder.socket, timeout: 10)
}

extension LineClient {
  func say(_ text: String) throws { try send(Array(text.utf8), timeout: 20) }
  func hear() throws -> String? { try receive(timeout: 20).map { String(decoding: $0, as: UTF8.self) } }
}
