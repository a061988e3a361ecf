import Agent
import Foundation
import Logging
import Model
import RPC
import Testing
import Wire

/// An agent over a backend in memory, on a socket in a folder of its own.
final class Lab {
  let folder = "/tmp/sluice-\(UUID().uuidString.prefix(8))"
  let backend = MemoryBackend()
  private(set) var service: AgentService?

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try start()
  }

  deinit {
    backend.setGate(open: true)
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }

  var socket: String { folder + "/agent.sock" }
  var admissionSocket: String { folder + "/admission.sock" }
  var recordPath: String { folder + "/state/last-write.json" }

  func settings() -> AgentSettings {
    AgentSettings(
      cluster: name("memory"), kind: "memory", socket: socket, mode: 0o666,
      stateDirectory: folder + "/state")
  }

  func start(_ change: (inout AgentSettings) -> Void = { _ in }) throws {
    var settings = settings()
    change(&settings)
    service = try Lab.service(backend, settings)
    try service?.start()
  }

  static func service(_ backend: MemoryBackend, _ settings: AgentSettings) throws(Failure) -> AgentService {
    try AgentService(
      backend: backend, settings: settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  func stop() {
    service?.stop()
    service = nil
  }

  func connect() throws -> RPCClient { try RPCClient.connect(path: socket, timeout: 10) }

  func writeRecord(_ text: String) throws {
    try FileManager.default.createDirectory(atPath: folder + "/state", withIntermediateDirectories: true)
    try Data(text.utf8).write(to: URL(fileURLWithPath: recordPath))
  }

  func record() throws -> String { try String(contentsOfFile: recordPath, encoding: .utf8) }
}

func failure(_ body: () throws -> Void) -> Failure? {
  do {
    try body()
    return nil
  } catch { return error as? Failure }
}

func waitFor(_ what: Comment, _ condition: () -> Bool) {
  let end = Date().addingTimeInterval(20)
  while !condition() {
    guard Date() < end else {
      Issue.record(what)
      return
    }
    usleep(2000)
  }
}

/// What a socket's server answers to a request by another user, which takes root to become.
func answer(to request: String, as uid: Int, at socket: String) throws -> String {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
  process.arguments = [
    "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups", "/bin/sh", "-c",
    "echo '\(request)' | socat -t 20 - UNIX-CONNECT:\(socket)",
  ]
  process.standardOutput = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(decoding: data, as: UTF8.self)
}

extension RPCClient {
  func usage(_ method: String, _ accounts: [String]) throws -> UsageView {
    try call(method, UsageRequest(accounts: accounts.map { name($0) }), as: UsageView.self, timeout: 20)
  }

  /// The next notification of that method.
  func next<T: Decodable>(_ method: String, as type: T.Type) throws -> T {
    while true {
      let next = try #require(try nextNotification(timeout: 20))
      if next.method == method { return try next.parameters.decode(type) }
    }
  }

  func apply(_ term: Int64, _ sequence: Int64, cpu: Int64 = 8) throws -> LimitWriteResult {
    let change = LimitChange(
      account: name("genomics"), parent: nil, limits: [.cpu: Amount(units: cpu)])
    return try call(
      "limits.apply", LimitWrite(number: WriteNumber(term: term, sequence: sequence), changes: [change]),
      as: LimitWriteResult.self, timeout: 20)
  }
}
