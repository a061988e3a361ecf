import Foundation
import Synchronization

enum Cluster: String, CaseIterable, Sendable {
  case alpha, beta

  /// Nodes of 64 CPUs.
  var nodes: Int { self == .alpha ? 4 : 2 }
}

/// Two real Slurm clusters with accounting, brought up by `slurm-conf/lab`.
final class Lab: Sendable {
  let folder: String
  let secondsToStart: Double
  private let isUp = Atomic(true)

  /// The lab that most tests of a lane share, with Slurm's default scheduling intervals. Each test takes an account
  /// name of its own (`newAccount`).
  static var shared: Result<Lab, any Error> { Lane.current.lab() }
  /// As `shared`, with a scheduler that looks every 2 s: for tests of many short jobs.
  static var quick: Result<Lab, any Error> { Lane.current.lab(["--scheduling", "fast"]) }

  /// The checkout's `slurm-conf`.
  static let slurmConfFolder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "slurm-conf").path
  private static let scripts = "\(slurmConfFolder)/lab"

  init(options: [String] = []) throws {
    // Not below the checkout, which Slurm's users may be unable to enter.
    folder = try Command.succeed(["mktemp", "-d", "/tmp/sluice-lab.XXXXXX"]).lines[0]
    LabKeeper.note(folder)
    let start = ContinuousClock.now
    try Command.succeed(["\(Self.scripts)/up", "--dir", folder] + options, timeout: 120)
    secondsToStart = (ContinuousClock.now - start) / .seconds(1)
  }

  /// Ends the lab and removes its folder. The shared lab ends with the process.
  func down() {
    guard isUp.exchange(false, ordering: .relaxed) else { return }
    LabKeeper.end(folder)
  }

  /// Starts what doesn't run.
  func up() throws { try Command.succeed(["\(Self.scripts)/up", "--dir", folder], timeout: 120) }

  static func remove(_ folder: String) {
    _ = try? Command.run(["\(scripts)/down", "--dir", folder, "--wipe"], timeout: 90)
  }

  func slurmConf(_ cluster: Cluster) -> String { "\(folder)/etc/\(cluster)/slurm.conf" }

  /// - Parameter action: `kill`, `term`, `stop`, `cont` or `start`.
  /// - Parameter daemon: such as `slurmctld-alpha`, `slurmdbd`, `slurmd-a1`.
  func control(_ action: String, _ daemon: String) throws {
    try Command.succeed(["\(Self.scripts)/ctl", folder, action, daemon], timeout: 120)
  }

  func pid(of daemon: String) throws -> Int32? {
    let result = try Command.run(["\(Self.scripts)/ctl", folder, "pid", daemon])
    return result.lines.first.flatMap { Int32($0) }
  }

  @discardableResult
  func slurm(
    _ cluster: Cluster, _ arguments: [String], as user: String? = nil, timeout: Int = 60
  ) throws -> CommandResult {
    let command = user.map { Command.asUser($0, arguments) } ?? arguments
    return try Command.succeed(
      command, environment: ["SLURM_CONF": slurmConf(cluster)], timeout: timeout)
  }
}

/// Remembers the labs that this process brought up, and ends them when it ends. Their folders are also
/// written to the file that SLUICE_LAB_LIST names, so that `make test` can end those of a process that was killed.
enum LabKeeper {
  private static let folders = Mutex<Set<String>>([])

  static func note(_ folder: String) {
    // Locked all through: another lane may write its line too.
    folders.withLock { known in
      known.insert(folder)
      if known.count == 1 { atexit { endAllLabs() } }
      write(folder)
    }
  }

  private static func write(_ folder: String) {
    guard let list = ProcessInfo.processInfo.environment["SLUICE_LAB_LIST"],
      let file = FileHandle(forUpdatingAtPath: list)
    else { return }
    _ = try? file.seekToEnd()
    try? file.write(contentsOf: Data("\(folder)\n".utf8))
    try? file.close()
  }

  static func end(_ folder: String) {
    Lab.remove(folder)
    _ = folders.withLock { $0.remove(folder) }
  }

  static func endAll() {
    for folder in folders.withLock({ $0 }) { end(folder) }
  }
}

private func endAllLabs() {
  ServiceProcess.endAll()
  LabKeeper.endAll()
}
