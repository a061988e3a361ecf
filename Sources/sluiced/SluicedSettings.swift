internal import Coordinator
internal import Daemon
internal import Logging
internal import Model
internal import Quota
internal import YAML

/// `sluiced.yaml`; see sluiced.yaml(5).
struct SluicedSettings {
  static let usualFile = "/etc/sluice/sluiced.yaml"

  var coordinator: CoordinatorSettings
  var ledger: String
  var logLevel: Logger.Level

  init(file: String?) throws(YAMLFault) {
    var settings = try Settings.read(named: file, usual: Self.usualFile)
    let socket = try settings.text("socket") ?? "/run/sluice/sluiced.sock"
    ledger = try settings.text("ledger") ?? "/var/lib/sluice/ledger.sqlite"
    logLevel = try settings.choice("log_level", of: Logger.Level.self) ?? .info
    coordinator = CoordinatorSettings(
      socket: socket, agents: try Self.agents(&settings),
      administrators: try settings.texts("administrators") ?? [],
      drift: try settings.choice("drift", of: DriftPolicy.self) ?? .restore)
    coordinator.users = try UserMapSettings.read(&settings, of: coordinator.agents.map(\.cluster))
    try settings.finish()
  }

  private static func agents(_ settings: inout YAMLMapping) throws(YAMLFault) -> [AgentAddress] {
    let sshConfig = try sshConfig(&settings)
    var agents: [AgentAddress] = []
    for var entry in try settings.mappings("agents") ?? [] {
      guard let cluster = try entry.parsed("cluster", { text throws(NameError) in try ClusterName(text) })
      else { throw entry.missing("cluster") }
      let address = try entry.parsed("address") { text throws(AddressError) in
        try AgentAddress(cluster: cluster, address: text, sshConfig: sshConfig)
      }
      guard let address else { throw entry.missing("address") }
      if agents.contains(where: { $0.cluster == cluster }) {
        throw entry.value("cluster")?.fault("\(cluster) is there twice") ?? entry.missing("cluster")
      }
      try entry.finish()
      agents.append(address)
    }
    guard !agents.isEmpty else { throw settings.missing("agents") }
    return agents
  }

  private static func sshConfig(_ settings: inout YAMLMapping) throws(YAMLFault) -> String? {
    guard let value = settings.value("ssh_config") else { return nil }
    let path = try value.text()
    // ssh would look for it where sluiced happens to have been started.
    guard path.hasPrefix("/") else { throw value.fault("'\(path)' must be a whole path, from '/' on") }
    return path
  }
}
