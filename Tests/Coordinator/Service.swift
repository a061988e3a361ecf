import Foundation
import Ledger
import Logging
import Model
import Quota
import RPC
import Wire

@testable import Coordinator

/// sluiced in this process: a real socket and a real ledger, and agents that nobody started.
final class Service: Sendable {
  let folder: String
  let socket: String
  private let coordinator: Coordinator

  init(
    keeping folder: String? = nil, recovering: Bool = false,
    ledger wrap: (SQLiteLedger) -> any Ledger = { $0 }
  ) throws {
    self.folder = folder ?? "/tmp/sluice-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: self.folder)
    socket = "\(self.folder)/sluiced.sock"
    var agents: [AgentAddress] = []
    for name in ["alpha", "beta"] {
      agents.append(
        try AgentAddress(cluster: ClusterName(name), address: "unix://\(self.folder)/\(name).sock"))
    }
    coordinator = try Coordinator(
      settings: CoordinatorSettings(socket: socket, agents: agents, administrators: [], drift: .restore),
      ledger: wrap(try SQLiteLedger(path: "\(self.folder)/ledger.sqlite", recovering: recovering)),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func connect() throws -> RPCClient { try RPCClient.connect(path: socket, timeout: 5) }

  func call<Result: Decodable>(
    _ method: String, _ parameters: some Encodable, as: Result.Type = Result.self
  ) throws -> Result {
    let client = try connect()
    defer { client.close() }
    return try client.call(method, parameters, as: Result.self, timeout: 10)
  }

  func end() {
    coordinator.stop()
    _ = coordinator.waitForEnd()
  }

  func remove() { try? FileManager.default.removeItem(atPath: folder) }

  static func project(_ name: String, cpu: Int64 = 8) throws -> Project {
    Project(
      name: try ProjectName(name), limits: [.cpu: Amount(units: cpu)],
      members: [try UserName("alice"): .admin],
      clusters: [try ClusterName("alpha"): ClusterBinding(account: try AccountName(name))])
  }
}
