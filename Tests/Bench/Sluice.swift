internal import Glibc

/// sluiced and an agent for each cluster of a lab, as release binaries.
final class Sluice {
  private let lab: Lab
  private let command: String
  private let socket: String
  private var agents: [AgentProcess] = []
  private var sluiced: Child?

  init(_ lab: Lab) throws {
    self.lab = lab
    command = try lab.binary("sluice")
    socket = "\(lab.folder)/sluiced.sock"
    do {
      for cluster in ["alpha", "beta"] { agents.append(try AgentProcess(lab, cluster: cluster)) }
      try startCoordinator()
    } catch {
      stop()
      throw error
    }
  }

  private func startCoordinator() throws {
    let settings = "\(lab.folder)/sluiced.yaml"
    try write(
      """
      socket: \(socket)
      ledger: \(lab.folder)/ledger.sqlite
      agents:
        - {cluster: alpha, address: "unix://\(agents[0].socket)"}
        - {cluster: beta, address: "unix://\(agents[1].socket)"}
      administrators: [root]

      """, to: settings)
    sluiced = try Child([try lab.binary("sluiced"), "--config", settings], log: "\(lab.folder)/sluiced.log")
    let isReady = waitUntil(seconds: 60) {
      let rows = (try? self.sluice(["cluster", "list", "-nP"]))?.split(separator: "\n") ?? []
      return rows.filter { $0.contains("|ready|") }.count == 2
    }
    guard isReady else { throw NotMeasured("sluiced is not ready after 60 s") }
  }

  @discardableResult
  func sluice(_ words: [String]) throws -> String {
    try run([command] + words, environment: ["SLUICE_SOCKET": socket])
  }

  func stop() {
    sluiced?.end()
    for agent in agents { agent.stop() }
  }
}
