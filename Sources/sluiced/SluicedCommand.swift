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

  @Flag(help: "The ledger is a restored, older one: nothing grows before each cluster was read.")
  var recover = false

  @Flag(help: "Look for damage in a ledger or backup that no sluiced uses, and end.")
  var check = false

  func validate() throws {
    if check, recover { throw ValidationError("--check only looks, --recover starts: choose one") }
  }

  func run() throws {
    if check { return try checkLedger() }
    let termination = Termination()
    var settings = try SluicedSettings(file: config)
    if let socket { settings.coordinator.socket = socket }
    if let ledger { settings.ledger = ledger }
    LogSetup.start(level: settings.logLevel)
    let logger = Logger(label: "sluiced")

    let coordinator = try Coordinator(
      settings: settings.coordinator, ledger: try openLedger(settings.ledger), logger: logger)
    logger.notice(
      "ready", metadata: ["version": "\(sluiceVersion)", "socket": "\(settings.coordinator.socket)"])
    startThread {
      let signal = termination.wait()
      logger.notice("ends", metadata: ["signal": "\(signal)"])
      coordinator.stop()
    }
    // Without its ledger it may acknowledge nothing: better gone, and started again, than wrong.
    if let failure = coordinator.waitForEnd() { throw failure }
  }

  private func openLedger(_ path: String) throws -> SQLiteLedger {
    do throws(LedgerError) {
      return try SQLiteLedger(path: path, recovering: recover)
    } catch {
      switch error {
      case .isBackup, .tooNew: throw StartRefusal(error.description)
      case .cannotOpen, .inUse, .failed: throw error
      }
    }
  }

  private func checkLedger() throws {
    let path = try ledger ?? SluicedSettings(file: config).ledger
    let report: LedgerReport
    do throws(LedgerError) {
      report = try LedgerCheck.report { visit throws(LedgerError) in
        try SQLiteLedger.inspect(fileAt: path, visit)
      }
    } catch {
      guard case .inUse = error else { throw error }
      throw Failure(.conflict, "\(error): 'sluice admin check' has that one look")
    }
    for line in report.lines { print(line) }
    if !report.findings.isEmpty { throw ExitCode(ServiceExit.failed.rawValue) }
  }
}
