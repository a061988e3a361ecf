package import Quota

/// What `sluiced.yaml` says, checked.
package struct CoordinatorSettings: Sendable {
  package var socket: String
  package var agents: [AgentAddress]
  /// Users who may do everything, beside root and the user that sluiced runs as.
  package var administrators: [String]
  package var drift: DriftPolicy

  package init(socket: String, agents: [AgentAddress], administrators: [String], drift: DriftPolicy) {
    self.socket = socket
    self.agents = agents
    self.administrators = administrators
    self.drift = drift
  }
}
