internal import Core
package import Ledger
package import Logging
internal import Model
internal import RPC
package import Threads
internal import Transport
package import Wire

/// sluiced without its `main`: wires inbox, writer, links and socket together, and takes them apart again.
package final class Coordinator: Sendable {
  /// Beyond so much waiting, calls are refused in words.
  private static let inboxCapacity = 8192

  private let inbox: Inbox
  private let links: [ClusterName: AgentLink]
  private let server: RPCServer
  private let hasEnded = BlockingQueue<Failure?>(capacity: 1)
  private let writing = Heartbeat("the writer")

  /// Of what must go round: while one doesn't, sluiced does not work.
  package var heartbeats: [Heartbeat] { [writing, server.heartbeat] }

  /// Begins a new term in the ledger, then listens and dials.
  ///
  /// - Throws: `.unavailable` when the socket or the ledger can't be had, `.faulty` when the ledger holds what
  ///   this release can't read.
  package init(settings: CoordinatorSettings, ledger: any Ledger, logger: Logger) throws(Failure) {
    let inbox = Inbox(capacity: Self.inboxCapacity)
    self.inbox = inbox
    var links: [ClusterName: AgentLink] = [:]
    for agent in settings.agents {
      links[agent.cluster] = AgentLink(address: agent, inbox: inbox, logger: logger)
    }
    self.links = links
    server = try RPCServer(
      path: settings.socket, mode: 0o666, group: nil, limits: LineLimits(), logger: logger,
      handler: Door(inbox: inbox))
    let state: State
    let contents: LedgerContents
    var clock = Clock()
    do {
      contents = try ledger.start(at: clock.now())
      state = try Records.state(from: contents, settings: settings)
      logger.notice(
        "term begins",
        metadata: [
          "term": "\(contents.term)", "projects": "\(state.projectNames.count)",
          "open_effects": "\(contents.openEffects.count)",
        ])
    } catch let error as LedgerError {
      server.stop()
      throw Failure(.unavailable, error.description)
    } catch {
      server.stop()
      throw error as? Failure ?? Failure(.faulty, "\(error)")
    }
    run(
      Writer(
        settings: settings, inbox: inbox, ledger: ledger, links: links, state: state,
        chargeCursors: contents.chargeCursors, isRecovering: contents.isRecovering, clock: clock,
        logger: logger, heartbeat: writing), logger: logger)
    for link in links.values { link.start() }
  }

  private func run(_ writer: Writer, logger: Logger) {
    startThread { [hasEnded] in
      var writer = writer
      do throws(LedgerError) {
        try writer.run()
        // So that all is in the one file, which may be copied then.
        writer.ledger.close()
        _ = hasEnded.offer(nil)
      } catch {
        logger.critical("\(error)")
        _ = hasEnded.offer(Failure(.faulty, error.description))
      }
    }
  }

  /// Waits for the writer's end: nil after `stop()`, or why it could not go on.
  package func waitForEnd() -> Failure? {
    while true {
      guard let ends = hasEnded.take(atMost: 1, waiting: 3600) else { return nil }
      if let end = ends.first { return end }
    }
  }

  /// Takes no more calls, finishes what is in the inbox, and ends the writer.
  package func stop() {
    server.stop()
    for link in links.values { link.stop() }
    inbox.close()
  }
}

/// Where calls come in, on the server's thread.
private final class Door: RPCHandler {
  private let inbox: Inbox

  init(inbox: Inbox) { self.inbox = inbox }

  func handle(_ call: RPCCall) {
    if !inbox.offer(.call(call)) {
      call.fail(Failure(.overloaded, "too many requests are waiting: try again in a moment"))
    }
  }

  func disconnected(_ client: RPCPeer) { _ = inbox.offer(.gone(client), urgent: true) }
}
