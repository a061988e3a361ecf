internal import Agent
internal import Daemon
internal import Logging
internal import Model
internal import YAML

/// `agent.yaml`; see agent.yaml(5). What the command line says takes precedence over the file.
struct SlurmAgentSettings {
  static let usualFile = "/etc/sluice/agent.yaml"

  var agent: AgentSettings
  var slurmConf: String
  var logLevel: Logger.Level

  init(file: String?, cluster: ClusterName?, slurmConf: String?, socket: String?) throws(YAMLFault) {
    var settings = try Settings.read(named: file, usual: Self.usualFile)
    let given = try settings.parsed("cluster") { text throws(NameError) in try ClusterName(text) }
    guard let cluster = cluster ?? given else { throw settings.missing("cluster") }
    let usualConf = try settings.text("slurm_conf") ?? "/etc/slurm/slurm.conf"
    self.slurmConf = slurmConf ?? usualConf
    let usualSocket = try settings.text("socket") ?? "/run/sluice/agent.sock"
    agent = AgentSettings(
      cluster: cluster, kind: "slurm", socket: socket ?? usualSocket,
      group: try settings.text("group") ?? "sluice", allowedUsers: try settings.texts("allow") ?? [],
      stateDirectory: try settings.text("state_directory") ?? "/var/lib/sluice/agent")
    logLevel = try settings.choice("log_level", of: Logger.Level.self) ?? .info
    try settings.finish()
  }
}
