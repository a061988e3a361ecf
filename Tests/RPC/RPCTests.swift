import Foundation
import Logging
import Model
import RPC
import Synchronization
import Testing
import Transport
import Wire

private final class Service: RPCHandler {
  let waiting = Mutex<[RPCCall]>([])
  let gone = Atomic<Int>(0)

  var waitingCount: Int { waiting.withLock { $0.count } }

  func answerAll(_ answer: some Encodable) {
    for call in waiting.withLock({ $0 }) { call.reply(answer) }
  }

  func handle(_ call: RPCCall) {
    switch call.method {
    case "echo": call.reply(call.parameters.value)
    case "page":
      do throws(Failure) {
        call.reply(["limit": try call.parameters.decode(PageRequest.self).limit ?? 0])
      } catch { call.fail(error) }
    case "wait": waiting.withLock { $0.append(call) }
    case "twice":
      call.reply(1)
      call.fail(Failure(.conflict, "a second answer"))
    case "forget": break
    case "tell":
      for number in 1...3 { call.client.notify("told", ["number": number]) }
      call.reply(Empty())
    default: call.fail(Failure(.unknownMethod, "there is no method '\(call.method)'"))
    }
  }

  func disconnected(_ client: RPCPeer) { gone.add(1, ordering: .relaxed) }
}

@Suite final class RPCTests {
  private let path = "/tmp/sluice-\(UUID().uuidString.prefix(8)).sock"
  private let service = Service()
  private let server: RPCServer

  init() throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    server = try RPCServer(path: path, logger: logger, handler: service)
  }

  deinit { server.stop() }

  private func connect() throws -> RPCClient { try RPCClient.connect(path: path, timeout: 10) }

  private func failure(_ body: () throws -> Void) -> Failure? {
    do {
      try body()
      return nil
    } catch { return error as? Failure }
  }

  /// Sends raw lines and reads one answer a line.
  private func raw(_ lines: String, answers: Int) throws -> [String] {
    let client = try LineClient.connect(path: path, timeout: 10)
    try client.send(Array(lines.utf8), timeout: 10)
    return try (0..<answers).map { _ in
      String(decoding: try #require(try client.receive(timeout: 20)), as: UTF8.self)
    }
  }

  private func waitFor(_ what: Comment, _ condition: () -> Bool) {
    let deadline = Deadline(after: 20)
    while !condition() {
      guard !deadline.hasPassed else {
        Issue.record(what)
        return
      }
      usleep(2000)
    }
  }

  @Test func callsAreAnswered() throws {
    let client = try connect()
    #expect(
      try client.call("page", PageRequest(limit: 7), as: [String: Int].self, timeout: 10) == ["limit": 7])
    #expect(try client.callRaw("echo", Empty(), timeout: 10) == .object([]))
    #expect(try client.call("twice", Empty(), as: Int.self, timeout: 10) == 1)
    #expect(try client.call("page", Empty(), as: [String: Int].self, timeout: 10) == ["limit": 0])
  }

  @Test func failuresAreTold() throws {
    let client = try connect()
    let unknown = failure { _ = try client.callRaw("nothing", Empty(), timeout: 10) }
    #expect(unknown == Failure(.unknownMethod, "there is no method 'nothing'"))
    let bad = failure { _ = try client.callRaw("page", ["limit": "x"], timeout: 10) }
    #expect(bad == Failure(.badParameters, "limit: must be a whole number, not a string"))
    let forgotten = failure { _ = try client.callRaw("forget", Empty(), timeout: 10) }
    #expect(forgotten == Failure(.faulty, "'forget' was not answered"))
    let strange = failure { _ = try client.call("echo", Empty(), as: Int.self, timeout: 10) }
    #expect(strange?.code == .faulty && strange?.cause == "must be a whole number, not an object")
    #expect(try client.callRaw("echo", Empty(), timeout: 10) == .object([]))
  }

  @Test func timeoutsLeaveTheConnectionUsable() throws {
    let client = try connect()
    #expect(failure { _ = try client.callRaw("wait", Empty(), timeout: 0.05) }?.code == .unavailable)
    waitFor("the call comes in") { service.waitingCount == 1 }
    service.answerAll("late")
    #expect(try client.callRaw("echo", Empty(), timeout: 10) == .object([]))
  }

  @Test func notificationsComeInOrder() throws {
    let client = try connect()
    _ = try client.call("tell", Empty(), as: Empty.self, timeout: 10)
    for number in 1...3 {
      let told = try #require(try client.nextNotification(timeout: 10))
      #expect(told.method == "told")
      #expect(try told.parameters.decode([String: Int].self) == ["number": number])
    }
    #expect(try client.nextNotification(timeout: 0.01) == nil)
  }

  @Test func malformedLinesGetErrorsAndTheConnectionGoesOn() throws {
    let answers = try raw(
      "nonsense\n[]\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}\n{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"echo\"}\n",
      answers: 4)
    #expect(answers[0].hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"#))
    #expect(answers[1].hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"#))
    #expect(answers[2].hasPrefix(#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"#))
    #expect(answers[3] == #"{"jsonrpc":"2.0","id":"a","result":{}}"#)
  }

  @Test func badUTF8AndDeepNestingAreMalformed() throws {
    let client = try LineClient.connect(path: path, timeout: 10)
    try client.send([0x22, 0xFF, 0x22, 10], timeout: 10)
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65) + "\n"
    try client.send(Array(deep.utf8), timeout: 10)
    for _ in 0..<2 {
      let answer = try Message(parsing: try #require(try client.receive(timeout: 20)))
      guard case .error(.null, let failure) = answer else {
        Issue.record("not an error")
        return
      }
      #expect(failure.code == .malformed)
    }
  }

  @Test func notificationsAreNotAnswered() throws {
    let answers = try raw(
      #"{"jsonrpc":"2.0","method":"nothing"}"# + "\n" + #"{"jsonrpc":"2.0","id":2,"method":"echo"}"# + "\n",
      answers: 1)
    #expect(answers == [#"{"jsonrpc":"2.0","id":2,"result":{}}"#])
  }

  @Test func callsInProgressAreBounded() throws {
    let client = try LineClient.connect(path: path, timeout: 10)
    for id in Int64(0)..<100 {
      try client.send(Message.request(id: .integer(id), "wait", Empty()), timeout: 10)
    }
    waitFor("64 calls come in") { service.waitingCount == 64 }
    #expect(try connect().callRaw("echo", Empty(), timeout: 10) == .object([]))
    #expect(service.waitingCount == 64)
    service.answerAll(Empty())
    waitFor("the other 36 follow") { service.waitingCount == 100 }
    service.answerAll(Empty())
    for id in Int64(0)..<100 {
      let answer = try Message(parsing: try #require(try client.receive(timeout: 20)))
      guard case .success(.integer(id), _) = answer else {
        Issue.record("answer \(id) is missing")
        return
      }
    }
  }

  @Test func aClientThatSendsNoMoreIsLetGoOnceAnswered() throws {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", #"echo '{"jsonrpc":"2.0","id":5,"method":"wait"}' | socat -t 20 - UNIX-CONNECT:\#(path)"#,
    ]
    process.standardOutput = output
    try process.run()
    waitFor("the call comes in") { service.waitingCount == 1 }
    service.answerAll("done")
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(String(decoding: data, as: UTF8.self) == #"{"jsonrpc":"2.0","id":5,"result":"done"}"# + "\n")
    waitFor("the client is let go") { service.gone.load(ordering: .relaxed) == 1 }
  }

  @Test func closeEndsACall() throws {
    let client = try connect()
    let service = service
    DispatchQueue(label: "closer").async {
      while service.waitingCount == 0 { usleep(1000) }
      client.close()
    }
    let ended = failure { _ = try client.callRaw("wait", Empty(), timeout: 60) }
    #expect(ended == Failure(.unavailable, "the connection was closed"))
    service.answerAll("to no one")
    #expect(try connect().callRaw("echo", Empty(), timeout: 10) == .object([]))
  }

  @Test func edgesSpeakInWords() throws {
    let missing = path + ".not"
    #expect(
      failure { _ = try RPCClient.connect(path: missing, timeout: 1) }
        == Failure(.unavailable, "no one listens on \(missing): is the service behind it running?"))
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let second = failure { _ = try RPCServer(path: path, logger: logger, handler: service) }
    #expect(
      second
        == Failure(.conflict, "another process already serves \(path): stop it first, or choose another path")
    )
  }
}
