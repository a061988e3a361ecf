package import Model

/// How an agent is set up.
package struct AgentSettings: Sendable {
  package var cluster: ClusterName
  /// "slurm", "kubernetes" or "local".
  package var kind: String
  package var socket: String
  package var mode: UInt16
  package var group: String?
  /// Users who may call, besides root and the agent's own.
  package var allowedUsers: [String]
  /// Where the number of the last write is kept, and the rules of admission. One agent has it at a time.
  package var stateDirectory: String
  /// nil when no hook is to be answered.
  package var admission: AdmissionSettings?

  package init(
    cluster: ClusterName, kind: String, socket: String, mode: UInt16 = 0o660, group: String? = nil,
    allowedUsers: [String] = [], stateDirectory: String, admission: AdmissionSettings? = nil
  ) {
    self.cluster = cluster
    self.kind = kind
    self.socket = socket
    self.mode = mode
    self.group = group
    self.allowedUsers = allowedUsers
    self.stateDirectory = stateDirectory
    self.admission = admission
  }
}
