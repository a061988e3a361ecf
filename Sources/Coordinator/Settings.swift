package import Model
package import Quota

/// What `sluiced.yaml` says, checked.
package struct CoordinatorSettings: Sendable {
  package var socket: String
  package var agents: [AgentAddress]
  /// Users who may do everything, beside root and the user that sluiced runs as.
  package var administrators: [String]
  package var drift: DriftPolicy
  /// Who is called otherwise in a cluster than here.
  package var users: UserMap

  package init(
    socket: String, agents: [AgentAddress], administrators: [String], drift: DriftPolicy, users: UserMap = [:]
  ) {
    self.socket = socket
    self.agents = agents
    self.administrators = administrators
    self.drift = drift
    self.users = users
  }
}
