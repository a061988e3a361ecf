package import Logging
internal import Synchronization
package import Threads
package import Transport
package import Wire

/// What a service does with calls. Called on the server's one thread: it must not block.
package protocol RPCHandler: AnyObject, Sendable {
  func handle(_ call: RPCCall)
  func disconnected(_ client: RPCPeer)
}

/// Serves JSON-RPC 2.0 on a Unix socket.
package final class RPCServer: Sendable {
  private let server: LineServer

  package var heartbeat: Heartbeat { server.heartbeat }

  package init(
    path: String, mode: UInt16 = 0o660, group: String? = nil, limits: LineLimits = LineLimits(),
    logger: Logger, handler: any RPCHandler
  ) throws(Failure) {
    do throws(TransportError) {
      server = try LineServer(
        path: path, mode: mode, group: group, limits: limits, logger: logger,
        handler: CallReader(handler, logger: logger))
    } catch {
      throw Failure(error)
    }
  }

  /// Closes every connection, without waiting for answers, and removes the socket. Not for use in a handler.
  package func stop() { server.stop() }
}

/// Makes calls of lines.
private final class CallReader: LineHandler {
  private let handler: any RPCHandler
  private let logger: Logger
  private let clients = Mutex<[UInt64: RPCPeer]>([:])

  init(_ handler: any RPCHandler, logger: Logger) {
    self.handler = handler
    self.logger = logger
  }

  func opened(_ connection: LineConnection) {
    clients.withLock { $0[connection.id] = RPCPeer(connection) }
  }

  func received(_ line: [UInt8], on connection: LineConnection) {
    guard let client = client(connection) else { return }
    do throws(Failure) {
      switch try Message(parsing: line) {
      case .request(let id, let method, let parameters):
        handler.handle(
          RPCCall(
            id: id, method: method, parameters: parameters, client: client, bytes: line.count,
            logger: logger))
      case .notification(let method, let parameters):
        handler.handle(
          RPCCall(
            id: nil, method: method, parameters: parameters, client: client, bytes: line.count,
            logger: logger))
      case .success, .error:
        throw Failure(.notARequest, "an answer came where a call is awaited: this side calls no one")
      }
    } catch {
      client.send(Message.error(id: .null, error))
    }
  }

  func ended(_ connection: LineConnection) { client(connection)?.endInput() }

  func refusal(_ fault: LineFault) -> [UInt8] { Message.error(id: .null, Failure(fault)) }

  func closed(_ connection: LineConnection) {
    guard let client = clients.withLock({ $0.removeValue(forKey: connection.id) }) else { return }
    handler.disconnected(client)
  }

  private func client(_ connection: LineConnection) -> RPCPeer? {
    clients.withLock { $0[connection.id] }
  }
}
