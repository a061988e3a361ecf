internal import Glibc
internal import Model
internal import RPC
internal import Synchronization
internal import Threads
internal import Wire

/// A release sluiced with 10,000 projects, each in 3 of 100 clusters: what it takes, and how many changes a second it
/// makes durable. Its agents are not there: the figures are about the ledger and what is kept of it.
let largeLedger = Measurement([
  Figure("coordinator.memory", "MiB resident", .atMost(150)),
  Figure("coordinator.start", "s", .atMost(1)),
  Figure("coordinator.commands", "a second from 64 clients, each synced", .atLeast(5000)),
]) {
  let field = try LedgerField()
  defer { field.remove() }
  try field.start()
  try field.grant()
  field.stop()
  let starts = try (0..<5).map { _ in
    let begun = seconds()
    try field.start()
    defer { field.stop() }
    return seconds() - begun
  }
  try field.start()
  defer { field.stop() }
  let rate = try field.commandsPerSecond(clients: 64, seconds: 5)
  return [try field.memory() / 1024, quantile(0.5, of: starts), rate]
}

private final class LedgerField {
  private static let projects = 10_000
  private static let clusters = 100

  private let folder: String
  private var sluiced: Child?
  private var socket: String { "\(folder)/sluiced.sock" }

  init() throws {
    folder = try run(["mktemp", "-d", "/tmp/sluice-bench.XXXXXX"]).split(separator: "\n").map(String.init)[0]
    let agents = (0..<Self.clusters).map {
      "  - {cluster: cluster\($0), address: \"unix://\(folder)/agent\($0).sock\"}\n"
    }
    try write(
      "socket: \(socket)\nledger: \(folder)/ledger.sqlite\nadministrators: [root]\nlog_level: error\nagents:\n"
        + agents.joined(), to: "\(folder)/sluiced.yaml")
  }

  /// Returns once it has answered.
  func start() throws {
    sluiced = try Child(
      [".build/release/sluiced", "--config", "\(folder)/sluiced.yaml"], log: "\(folder)/log")
    let answers = waitUntil(seconds: 60) {
      guard let client = try? RPCClient.connect(path: self.socket, timeout: 1) else { return false }
      defer { client.close() }
      return (try? client.call("status.get", Empty(), as: ServiceStatus.self, timeout: 30)) != nil
    }
    guard answers else { throw NotMeasured("sluiced does not answer: \(try textOfFile("\(folder)/log"))") }
  }

  func stop() {
    sluiced?.end()
    sluiced = nil
  }

  func remove() { _ = try? run(["rm", "-rf", folder]) }

  func memory() throws -> Double { try sluiced?.memory("VmRSS") ?? 0 }

  private static func project(_ number: Int, cpus: Int64) throws -> Project {
    var bindings = NameMap<ClusterTag, ClusterBinding>()
    let account = try AccountName("project\(number)")
    for place in 0..<3 {
      let cluster = try ClusterName("cluster\((number * 7 + place * 31) % clusters)")
      bindings[cluster] = ClusterBinding(account: account)
    }
    return Project(
      name: try ProjectName("project\(number)"),
      limits: [.cpu: Amount(units: cpus), .gpu: Amount(units: 8)], clusters: bindings)
  }

  func grant() throws {
    let client = try RPCClient.connect(path: socket, timeout: 10)
    defer { client.close() }
    for first in stride(from: 0, to: Self.projects, by: 1000) {
      let request = PlanRequest(projects: try (first..<first + 1000).map { try Self.project($0, cpus: 64) })
      _ = try client.call("plan.apply", request, as: Plan.self, timeout: 120)
    }
  }

  /// Each client changes caps of its own projects, one after the other, and waits for each acknowledgement.
  func commandsPerSecond(clients: Int, seconds length: Double) throws -> Double {
    let connections = try (0..<clients).map { _ in try RPCClient.connect(path: socket, timeout: 10) }
    let done = Atomic<Int>(0)
    let failed = Atomic<Int>(0)
    let running = Atomic<Int>(clients)
    let start = seconds()
    for (index, client) in connections.enumerated() {
      startThread {
        var turn = 0
        while seconds() - start < length {
          turn += 1
          let number = (index + turn * clients) % Self.projects
          let request = try? ProjectSet(project: Self.project(number, cpus: 64 + Int64(turn % 7)))
          let answer = try? client.call("project.set", request, as: PlanStep.self, timeout: 30)
          if answer == nil { failed.add(1, ordering: .relaxed) } else { done.add(1, ordering: .relaxed) }
        }
        running.subtract(1, ordering: .releasing)
      }
    }
    _ = waitUntil(seconds: length + 60) { running.load(ordering: .acquiring) == 0 }
    let elapsed = seconds() - start
    for client in connections { client.close() }
    guard failed.load(ordering: .relaxed) == 0 else { throw NotMeasured("commands failed") }
    return Double(done.load(ordering: .relaxed)) / elapsed
  }
}
