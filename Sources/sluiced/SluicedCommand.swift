internal import ArgumentParser
internal import Coordinator
internal import Daemon
internal import Ledger
internal import Logging
internal import Model
internal import Threads
internal import Wire

struct SluicedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluiced", abstract: "Holds one quota per project over several clusters.",
    discussion: """
      Dials the agents that the configuration names, and serves the 'sluice' command on a Unix socket.
      Stop it with SIGTERM: what was acknowledged is in the ledger.
      """,
    version: sluiceVersion)

  @Option(help: "The settings file. (default: \(SluicedSettings.usualFile), if it is there)")
  var config: String?

  @Option(help: "The socket to serve, instead of the configuration's.")
  var socket: String?

  @Option(help: "The ledger's file, instead of the configuration's.")
  var ledger: String?

  func run() throws {
    let termination = Termination()
    let manager = ServiceManager()
    var settings = try SluicedSettings(file: config)
    if let socket { settings.coordinator.socket = socket }
    if let ledger { settings.ledger = ledger }
    LogSetup.start(level: settings.logLevel)
    let logger = Logger(label: "sluiced")

    let coordinator = try Coordinator(
      settings: settings.coordinator, ledger: try SQLiteLedger(path: settings.ledger), logger: logger)
    logger.notice(
      "ready", metadata: ["version": "\(sluiceVersion)", "socket": "\(settings.coordinator.socket)"])
    manager.tellReady(status: "serves \(settings.coordinator.socket)")
    manager.watch(coordinator.heartbeats, logger: logger)
    startThread {
      let signal = termination.wait()
      logger.notice("ends", metadata: ["signal": "\(signal)"])
      manager.tellStopping(status: "ends on \(signal)")
      coordinator.stop()
    }
    // Without its ledger it may acknowledge nothing: better gone, and started again, than wrong.
    if let failure = coordinator.waitForEnd() { throw failure }
  }
}
