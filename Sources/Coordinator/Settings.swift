package import Model
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

/// Where a cluster's agent listens.
package struct AgentAddress: Hashable, Sendable {
  package let cluster: ClusterName
  package let path: String

  /// - Parameter address: `unix:///run/sluice/agent.sock`.
  package init(cluster: ClusterName, address: String) throws(AddressError) {
    let scheme = "unix://"
    guard address.hasPrefix(scheme + "/") else { throw AddressError(address: address) }
    self.cluster = cluster
    path = String(address.dropFirst(scheme.count))
  }

  package var text: String { "unix://\(path)" }
}

package struct AddressError: Error, Equatable, CustomStringConvertible {
  let address: String
  package var description: String { "'\(address)' is no agent's address: use unix:///PATH" }
}
