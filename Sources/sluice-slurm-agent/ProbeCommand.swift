internal import ArgumentParser
internal import SlurmBackend

/// Lets libslurm read a slurm.conf, in a process that may end by it: the agent starts this before it does so itself.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "probe-configuration", shouldDisplay: false)

  @Option var slurmConf: String

  func run() { SlurmBackend.probeConfiguration(slurmConf: slurmConf) }
}
