import Foundation
import Synchronization

/// A release binary that runs until it is told to end, with its log in the lab's folder.
final class ServiceProcess: @unchecked Sendable {
  let logPath: String
  private let arguments: [String]
  private let lock = NSLock()
  private var process: Process?

  private static let running = Mutex<[ObjectIdentifier: ServiceProcess]>([:])

  init(_ arguments: [String], log: String) {
    self.arguments = arguments
    logPath = log
  }

  /// The folder of the binaries that `make build` makes.
  static let binaries = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: ".build/release").path

  var pid: Int32? { lock.withLock { process.flatMap { $0.isRunning ? $0.processIdentifier : nil } } }
  var log: String { (try? String(contentsOfFile: logPath, encoding: .utf8)) ?? "" }

  /// - Parameter more: arguments for this start alone.
  func start(with more: [String] = []) throws {
    if !FileManager.default.fileExists(atPath: logPath) {
      try Data().write(to: URL(filePath: logPath))
    }
    let new = Process()
    let file = try FileHandle(forUpdating: URL(filePath: logPath))
    try file.seekToEnd()
    new.executableURL = URL(filePath: "/usr/bin/env")
    // The test runner blocks signals, which a service must hear.
    new.arguments = ["--default-signal"] + arguments + more
    new.environment = Command.base.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    new.standardInput = FileHandle.nullDevice
    new.standardOutput = file
    new.standardError = file
    try new.run()
    try file.close()
    lock.withLock { process = new }
    Self.running.withLock { $0[ObjectIdentifier(self)] = self }
  }

  func signal(_ number: Int32) {
    if let pid { Foundation.kill(pid, number) }
  }

  /// SIGKILL, as a crash.
  func kill() { end(SIGKILL) }

  /// SIGTERM, and SIGKILL when it has not ended after 10 s.
  func stop() {
    signal(SIGCONT)
    end(SIGTERM)
  }

  private func end(_ number: Int32) {
    guard let process = lock.withLock({ process }) else { return }
    signal(number)
    if !waitUntil(seconds: 10, { !process.isRunning }) { signal(SIGKILL) }
    process.waitUntilExit()
    _ = Self.running.withLock { $0.removeValue(forKey: ObjectIdentifier(self)) }
  }

  static func endAll() {
    for service in running.withLock({ Array($0.values) }) { service.stop() }
  }
}
