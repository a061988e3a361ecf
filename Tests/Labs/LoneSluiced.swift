import Foundation

/// A sluiced whose agents nobody started, in a folder of its own: for what needs no Slurm.
final class LoneSluiced: Sendable {
  let folder: String
  let process: ServiceProcess
  private let socket: String
  private let binary = "\(ServiceProcess.binaries)/sluiced"
  private var settings: String { "\(folder)/sluiced.yaml" }

  init(logLevel: String = "info") throws {
    folder = try Command.succeed(["mktemp", "-d", "/tmp/sluice-test.XXXXXX"]).lines[0]
    socket = "\(folder)/sluiced.sock"
    let settings = SluiceSettings(folder: folder, socket: socket, drift: "restore", logLevel: logLevel)
    try Command.succeed(["install", "-d", settings.ledgerFolder])
    try settings.sluiced().write(toFile: "\(folder)/sluiced.yaml", atomically: true, encoding: .utf8)
    process = ServiceProcess([binary, "--config", "\(folder)/sluiced.yaml"], log: "\(folder)/sluiced.log")
  }

  func start() throws {
    try process.start()
    guard waitUntil(seconds: 20, { (try? sluice(["status"])) != nil }) else {
      throw CommandFailure(description: "sluiced does not answer\n\(process.log)")
    }
  }

  @discardableResult
  func sluice(_ arguments: [String]) throws -> String {
    try Command.succeed(
      ["\(ServiceProcess.binaries)/sluice"] + arguments, environment: ["SLUICE_SOCKET": socket]
    ).output
  }

  /// Runs it to its end, as when it refuses to start or only checks.
  func run(_ arguments: [String]) throws -> CommandResult {
    try Command.run([binary, "--config", settings] + arguments)
  }

  func end() {
    process.stop()
    try? FileManager.default.removeItem(atPath: folder)
  }
}
