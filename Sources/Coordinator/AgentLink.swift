internal import Core
internal import Logging
internal import Model
internal import Synchronization
internal import Threads
internal import Transport
internal import Wire

/// The connection to one cluster's agent, for as long as sluiced runs: dials, says hello, watches, hands over
/// writes, and dials again. It decides nothing. Two threads of its own: one that listens, one that sends.
final class AgentLink: Sendable {
  /// An agent sends something every 2 s; silence for so long is a link that is dead or stuck.
  private static let longestSilence = 10.0
  /// A write of 64 changes takes some seconds; one that takes longer than this is given up with its link.
  private static let longestWrite = 150.0
  /// A login by ssh may wait for the other host's name service and PAM.
  private static let longestLogin = 30.0
  /// slurmdbd may hang, and is cut off by the agent then, call by call.
  private static let longestAccounting = 240.0
  /// All else is answered from memory.
  private static let longestAnswer = 30.0
  /// Views prove that the agent can be heard. So often it is asked something, to see that it hears.
  private static let probeInterval = 10.0

  private let address: AgentAddress
  private let inbox: Inbox
  private let logger: Logger
  private let present = Mutex(Present())
  private let isStopping = Atomic<Bool>(false)

  private struct Present {
    /// From the dial on.
    var connection: Connection?
    /// The same, from the agent's hello on.
    var linked: Connection?
  }

  /// One life of the link.
  private final class Connection: Sendable {
    let client: LineClient
    /// ssh, when the lines go through it.
    let process: LineProcess?
    let outgoing = BlockingQueue<[UInt8]>(capacity: 64)
    let calls = Mutex(Calls())

    struct Calls {
      var next: Int64 = 1
      var open: [Int64: (purpose: Purpose, deadline: Deadline)] = [:]
    }

    init(to route: AgentAddress.Route) throws(TransportError) {
      switch route {
      case .unix(let path):
        client = try LineClient.connect(path: path, timeout: 5)
        process = nil
      case .ssh(let command):
        let process = try LineProcess(command.arguments)
        client = process.lines
        self.process = process
      }
    }

    func call(_ purpose: Purpose, _ method: String, _ parameters: some Encodable) {
      let id = calls.withLock { calls in
        defer { calls.next += 1 }
        calls.open[calls.next] = (purpose, Deadline(after: purpose.patience))
        return calls.next
      }
      // An agent that lets 64 requests pile up is stuck: the listener will notice.
      if !outgoing.offer(Message.request(id: .integer(id), method, parameters)) { close() }
    }

    func close() {
      client.close()
      process?.close()
      outgoing.close()
    }
  }

  private enum Purpose: Sendable {
    case hello
    /// A hello in the middle: the cluster was reached, or has started anew.
    case news
    case watch
    case rules
    case write(WriteNumber)
    case charges

    var patience: Double {
      switch self {
      case .write: AgentLink.longestWrite
      case .charges: AgentLink.longestAccounting
      case .hello, .news, .watch, .rules: AgentLink.longestAnswer
      }
    }
  }

  init(address: AgentAddress, inbox: Inbox, logger: Logger) {
    self.address = address
    self.inbox = inbox
    var logger = logger
    logger[metadataKey: "cluster"] = "\(address.cluster)"
    self.logger = logger
  }

  func start() {
    startThread { [self] in
      var failures = 0
      while !isStopping.load(ordering: .acquiring) {
        failures = live() ? 0 : failures + 1
        pause(after: failures)
      }
    }
  }

  func stop() {
    isStopping.store(true, ordering: .releasing)
    present.withLock { $0.connection?.close() }
  }

  /// Tells the agent which accounts to follow. Lost when there is no link: a new one starts with it.
  func follow(_ accounts: [AccountName]) {
    present.withLock { $0.linked?.call(.watch, "usage.watch", UsageRequest(accounts: accounts)) }
  }

  func askForNews() {
    present.withLock { $0.linked?.call(.news, "agent.hello", Empty()) }
  }

  /// What to hold jobs to at submission. Lost when there is no link: a new one starts with all of it.
  func tell(_ rules: [AdmissionRules]) {
    present.withLock { present in
      for message in rules { present.linked?.call(.rules, "admission.apply", message) }
    }
  }

  func write(_ write: LimitWrite) {
    present.withLock { $0.linked?.call(.write(write.number), "limits.apply", write) }
  }

  /// Lost when there is no link, like a watch.
  func askForCharges(_ request: ChargesRequest) {
    present.withLock { $0.linked?.call(.charges, "charges.list", request) }
  }

  /// Dials and listens until the connection ends. Returns whether the agent had answered.
  private func live() -> Bool {
    let connection: Connection
    do {
      connection = try Connection(to: address.route)
    } catch {
      inbox.put(.unlinked(address.cluster, reason: "its agent can't be reached: \(error)"))
      return false
    }
    present.withLock { $0.connection = connection }
    if isStopping.load(ordering: .acquiring) { connection.close() }
    startThread { [self] in send(over: connection) }
    connection.call(.hello, "agent.hello", Empty())
    var hasAnswered = false
    var fault: (any Error)?
    do { try listen(to: connection) { hasAnswered = true } } catch { fault = error }
    present.withLock { $0 = Present() }
    inbox.put(.unlinked(address.cluster, reason: reason(of: connection, fault)))
    connection.close()
    connection.process?.end()
    return hasAnswered
  }

  private func reason(of connection: Connection, _ fault: (any Error)?) -> String {
    if let fault { return "its agent can't be understood or is silent: \(fault)" }
    if let words = words(of: connection) { return "its agent can't be reached: \(words)" }
    return "its agent closed the connection"
  }

  /// What ssh told, when it was ssh that ended.
  private func words(of connection: Connection) -> String? {
    guard case .ssh(let command) = address.route, let process = connection.process else { return nil }
    return command.reason(of: process.end(patience: 2))
  }

  private func send(over connection: Connection) {
    while let lines = connection.outgoing.take(atMost: 16, waiting: 3600) {
      for line in lines {
        do {
          try connection.client.send(line, timeout: Self.longestSilence)
        } catch {
          connection.close()
          return
        }
      }
    }
  }

  private func pause(after failures: Int) {
    guard !isStopping.load(ordering: .acquiring) else { return }
    let most = min(address.route.longestPause, 0.2 * Double(1 << min(failures, 7)))
    // Spread, so that a hundred links don't dial in step.
    sleep(seconds: Double.random(in: most / 2...most))
  }
}

// Listening.
extension AgentLink {
  private func listen(to connection: Connection, onHello: () -> Void) throws {
    var patience = connection.process == nil ? Self.longestSilence : Self.longestLogin
    var probe = Deadline(after: Self.probeInterval)
    while let line = try connection.client.receive(timeout: patience) {
      patience = Self.longestSilence
      switch try Message(parsing: line) {
      case .success(.integer(let id), let result):
        guard let purpose = close(id, of: connection) else { continue }
        try take(result, for: purpose, from: connection)
        if case .hello = purpose { onHello() }
      case .error(.integer(let id), let failure):
        guard let purpose = close(id, of: connection) else { continue }
        try refuse(purpose, failure)
      case .notification("usage.changed", let parameters):
        inbox.put(.view(address.cluster, try parameters.decode(UsageView.self)))
      default:
        continue
      }
      let isLate = connection.calls.withLock { $0.open.values.contains { $0.deadline.hasPassed } }
      if isLate { throw Failure(.unavailable, "a request was not answered in time") }
      if probe.hasPassed {
        connection.call(.news, "agent.hello", Empty())
        probe = Deadline(after: Self.probeInterval)
      }
    }
  }

  private func close(_ id: Int64, of connection: Connection) -> Purpose? {
    connection.calls.withLock { $0.open.removeValue(forKey: id)?.purpose }
  }

  private func take(_ result: Parameters, for purpose: Purpose, from connection: Connection) throws {
    switch purpose {
    case .hello:
      let hello = try result.decode(AgentHello.self)
      guard hello.cluster == address.cluster else {
        throw Failure(.conflict, "the agent at \(address.text) is of cluster \(hello.cluster)")
      }
      guard hello.protocol == AgentHello.currentProtocol else {
        throw Failure(
          .conflict, "the agent speaks protocol \(hello.protocol), this is \(AgentHello.currentProtocol)")
      }
      present.withLock { $0.linked = connection }
      logger.notice("linked", metadata: ["agent": "\(hello.agentVersion)", "kind": "\(hello.kind)"])
      inbox.put(.linked(address.cluster, hello))
    case .news:
      inbox.put(.news(address.cluster, try result.decode(AgentHello.self)))
    case .watch:
      inbox.put(.view(address.cluster, try result.decode(UsageView.self)))
    case .rules:
      break
    case .write(let number):
      let end = WriteEnd(try result.decode(LimitWriteResult.self))
      inbox.put(.writeEnded(address.cluster, number, end))
    case .charges:
      let page = try result.decode(ChargesPage.self)
      guard page.cluster == address.cluster else {
        throw Failure(.conflict, "the agent at \(address.text) tells charges of cluster \(page.cluster)")
      }
      inbox.put(.charges(page))
    }
  }

  private func refuse(_ purpose: Purpose, _ failure: Failure) throws {
    switch purpose {
    case .write(let number):
      inbox.put(.writeEnded(address.cluster, number, .refused(failure.description)))
    case .charges: inbox.put(.chargesRefused(address.cluster, failure))
    case .hello, .news, .watch, .rules: throw failure
    }
  }
}

extension AgentAddress.Route {
  /// The most seconds between two dials. Many hosts shut out whoever fails to log in often.
  fileprivate var longestPause: Double {
    switch self {
    case .unix: 5
    case .ssh: 15
    }
  }
}
