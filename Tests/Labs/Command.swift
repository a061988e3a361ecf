import Foundation

/// What a command that ended left behind.
struct CommandResult {
  let status: Int32
  let output: String
  let errors: String

  var lines: [String] { output.split(whereSeparator: \.isNewline).map(String.init) }
}

/// A command did not do what the test needs.
struct CommandFailure: Error, CustomStringConvertible {
  let description: String
}

enum Command {
  /// Runs it to its end, without standard input; after `timeout` seconds it is killed and its status is 124 or 137.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], timeout: Int = 60
  ) throws -> CommandResult {
    let process = Process()
    let output = Pipe()
    // A file, not a second pipe, which could fill up while the first is read.
    let errorFile = FileManager.default.temporaryDirectory.appending(path: "sluice-test-\(UUID().uuidString)")
    try Data().write(to: errorFile)
    defer { try? FileManager.default.removeItem(at: errorFile) }
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments = ["-k", "5", "\(timeout)"] + arguments
    process.environment = base.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errorFile)
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return CommandResult(
      status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self),
      errors: try String(contentsOf: errorFile, encoding: .utf8))
  }

  /// As `run`, and throws when it fails.
  @discardableResult
  static func succeed(
    _ arguments: [String], environment: [String: String] = [:], timeout: Int = 60
  ) throws -> CommandResult {
    let result = try run(arguments, environment: environment, timeout: timeout)
    guard result.status == 0 else {
      throw CommandFailure(
        description:
          "\(arguments.joined(separator: " ")): status \(result.status)\n\(result.output)\(result.errors)")
    }
    return result
  }

  /// Puts another user before a command: `setpriv`, which asks no PAM.
  static func asUser(_ user: String, _ arguments: [String]) -> [String] {
    ["setpriv", "--reuid", user, "--regid", user, "--init-groups"] + arguments
  }

  /// Nothing of the caller's own Slurm settings.
  static let base: [String: String] = [
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/tmp",
  ]
}

/// Blocks until `condition` holds; false after `seconds`.
func waitUntil(seconds: Double, _ condition: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while true {
    if try condition() { return true }
    guard ContinuousClock.now < end else { return false }
    Thread.sleep(forTimeInterval: 0.05)
  }
}
