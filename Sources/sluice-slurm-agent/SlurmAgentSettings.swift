internal import Agent
internal import Daemon
internal import Glibc
internal import Logging
internal import Model
internal import SlurmBackend
internal import YAML

/// `agent.yaml`; see agent.yaml(5).
struct SlurmAgentSettings {
  static let usualFile = "/etc/sluice/agent.yaml"
  private static let usualSocket = "/run/sluice/agent.sock"

  var slurm: SlurmSettings
  var socket: String
  var group: String
  var allowedUsers: [String]
  var stateDirectory: String
  /// As said; nil when it isn't.
  var admissionSocket: String?
  var defaultTypes: [TRES]
  var logLevel: Logger.Level

  init(file: String?) throws(YAMLFault) {
    var settings = try Settings.read(named: file, usual: Self.usualFile)
    let cluster = try settings.parsed("cluster") { text throws(NameError) in try ClusterName(text) }
    slurm = SlurmSettings(
      slurmConf: try settings.text("slurm_conf") ?? "/etc/slurm/slurm.conf", cluster: cluster,
      probe: true)
    socket = try settings.text("socket") ?? Self.usualSocket
    group = try settings.text("group") ?? "sluice"
    allowedUsers = try settings.texts("allow") ?? []
    stateDirectory = try settings.text("state_directory") ?? "/var/lib/sluice-agent"
    admissionSocket = try settings.text("admission_socket")
    defaultTypes = try Self.types(settings.value("default_types"))
    logLevel = try settings.choice("log_level", of: Logger.Level.self) ?? .info
    try settings.finish()
  }

  private static func types(_ value: YAMLValue?) throws(YAMLFault) -> [TRES] {
    var types: [TRES] = []
    for value in try value?.list() ?? [] {
      let type = try value.parsed { text throws(TRESError) in try TRES(text) }
      guard type.name.hasPrefix("gres/"), let resource = type.untyped else {
        throw value.fault("'\(type)' is no type of a resource, as gres/gpu:h100 is")
      }
      guard !types.contains(where: { $0.untyped == resource }) else {
        throw value.fault("\(resource) has a default type already")
      }
      types.append(type)
    }
    return types
  }

  func agent(for backend: SlurmBackend) -> AgentSettings {
    AgentSettings(
      cluster: backend.cluster, kind: "slurm", socket: socket, group: group, allowedUsers: allowedUsers,
      stateDirectory: stateDirectory,
      admission: (admissionSocket ?? usualAdmissionSocket(for: backend.slurmUser)).map {
        AdmissionSettings(socket: $0, caller: backend.slurmUser, defaultTypes: defaultTypes)
      })
  }

  /// None for an agent that can't give it to SlurmUser, nor for one among several on a host.
  private func usualAdmissionSocket(for slurmUser: UInt32) -> String? {
    let isFit = geteuid() == 0 || geteuid() == slurmUser
    return isFit && socket == Self.usualSocket ? "/run/sluice/admission.sock" : nil
  }
}
