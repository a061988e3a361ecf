internal import Agent
internal import ArgumentParser
internal import Daemon
internal import Logging
internal import Model
internal import SlurmBackend

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Follows the cluster and serves its agent's socket.",
    discussion: """
      Run it as SlurmUser, or as a user who is an administrator in Slurm's accounting. \
      Stop it with SIGTERM: a limit write that is under way ends first.
      """)

  @Option(help: "The settings file. (default: \(SlurmAgentSettings.usualFile), if it is there)")
  var config: String?

  @Option(help: "The cluster's name, instead of the settings'. (default: ClusterName of slurm.conf)")
  var cluster: String?

  @Option(help: "The cluster's slurm.conf, instead of the settings'.")
  var slurmConf: String?

  @Option(help: "The socket to serve, instead of the settings'.")
  var socket: String?

  func run() throws {
    let termination = Termination()
    let manager = ServiceManager()
    var settings = try SlurmAgentSettings(file: config)
    if let cluster { settings.slurm.cluster = try ClusterName(cluster) }
    if let slurmConf { settings.slurm.slurmConf = slurmConf }
    if let socket { settings.socket = socket }
    LogSetup.start(level: settings.logLevel)
    let logger = Logger(label: "sluice-slurm-agent")

    let backend = try SlurmBackend(settings: settings.slurm, logger: logger)
    let service = try AgentService(
      backend: backend, settings: settings.agent(for: backend), logger: logger)
    let heartbeats = try service.start()
    manager.tellReady(status: "serves cluster \(backend.cluster) on \(settings.socket)")
    manager.watch(heartbeats, logger: logger)
    let signal = termination.wait()
    logger.notice("ends", metadata: ["signal": "\(signal)"])
    manager.tellStopping(status: "ends on \(signal)")
    service.stop()
  }
}
