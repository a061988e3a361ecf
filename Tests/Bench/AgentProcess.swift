internal import Glibc
internal import Model
internal import RPC
internal import Wire

/// A release agent of a lab's cluster, as user slurm and with the priority that its unit gives it.
final class AgentProcess {
  let child: Child
  let socket: String
  private let place: String

  /// - Parameter settings: more lines of agent.yaml.
  init(_ lab: Lab, cluster: String, settings: String = "") throws {
    place = "\(lab.folder)/agent-\(cluster)"
    socket = "\(place)/agent.sock"
    try run(["rm", "-rf", place])
    try run(["install", "-d", "-o", "slurm", "-g", "slurm", place, "\(place)/state"])
    try write(
      """
      cluster: \(cluster)
      slurm_conf: \(lab.slurmConf(cluster))
      socket: \(socket)
      group: slurm
      allow: [root]
      state_directory: \(place)/state
      \(settings)

      """, to: "\(place)/agent.yaml")
    child = try Child(
      [
        "nice", "-n", "-10", "setpriv", "--reuid", "slurm", "--regid", "slurm", "--init-groups",
        try lab.binary("sluice-slurm-agent"), "--config", "\(place)/agent.yaml",
      ], log: "\(place)/log")
  }

  func connect() throws -> RPCClient {
    var client: RPCClient?
    let isThere = waitUntil(seconds: 60) {
      client = try? RPCClient.connect(path: socket, timeout: 1)
      return client != nil
    }
    guard isThere, let client else { throw NotMeasured("the agent serves no socket: \(log)") }
    return client
  }

  var log: String { (try? textOfFile("\(place)/log")) ?? "" }

  func stop() { child.end() }
}
