internal import Agent
internal import ArgumentParser
internal import Daemon
internal import Logging
internal import Model
internal import SlurmBackend

struct SlurmAgentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice-slurm-agent", abstract: "Stands beside a Slurm cluster, and serves it to sluiced.",
    discussion: "Run it as SlurmUser, on a host that has the cluster's slurm.conf.",
    version: sluiceVersion, subcommands: [ServeCommand.self, DialCommand.self],
    defaultSubcommand: ServeCommand.self)
}

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serves the cluster until SIGTERM.", version: sluiceVersion)

  @Option(help: "The settings file. (default: \(SlurmAgentSettings.usualFile), if it is there)")
  var config: String?

  func run() throws {
    let termination = Termination()
    let settings = try SlurmAgentSettings(file: config)
    LogSetup.start(level: settings.logLevel)
    let logger = Logger(label: "sluice-slurm-agent")
    let backend = try SlurmBackend(
      settings: settings.slurm, logger: logger)
    let service = try AgentService(
      backend: backend, settings: settings.agent(for: backend.cluster), logger: logger)
    try service.start()
    logger.notice("ends on \(termination.wait())")
    service.stop()
  }
}
