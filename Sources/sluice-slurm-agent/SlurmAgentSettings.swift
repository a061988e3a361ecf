internal import Agent
internal import Daemon
internal import Logging
internal import Model
internal import SlurmBackend
internal import YAML

/// `agent.yaml`; see agent.yaml(5).
struct SlurmAgentSettings {
  static let usualFile = "/etc/sluice/agent.yaml"

  var slurm: SlurmSettings
  var socket: String
  var group: String
  var allowedUsers: [String]
  var stateDirectory: String
  var logLevel: Logger.Level

  init(file: String?) throws(YAMLFault) {
    var settings = try Settings.read(named: file, usual: Self.usualFile)
    let cluster = try settings.parsed("cluster") { text throws(NameError) in try ClusterName(text) }
    slurm = SlurmSettings(
      slurmConf: try settings.text("slurm_conf") ?? "/etc/slurm/slurm.conf", cluster: cluster,
      probe: true)
    socket = try settings.text("socket") ?? "/run/sluice/agent.sock"
    group = try settings.text("group") ?? "sluice"
    allowedUsers = try settings.texts("allow") ?? []
    stateDirectory = try settings.text("state_directory") ?? "/var/lib/sluice-agent"
    logLevel = try settings.choice("log_level", of: Logger.Level.self) ?? .info
    try settings.finish()
  }

  func agent(for cluster: ClusterName) -> AgentSettings {
    AgentSettings(
      cluster: cluster, kind: "slurm", socket: socket, group: group, allowedUsers: allowedUsers,
      stateDirectory: stateDirectory)
  }
}
