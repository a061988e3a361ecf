internal import ArgumentParser
internal import Model

struct AgentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice-slurm-agent", abstract: "Serves a Slurm cluster to sluiced.",
    version: sluiceVersion, subcommands: [ServeCommand.self, DialCommand.self, ProbeCommand.self],
    defaultSubcommand: ServeCommand.self)
}
