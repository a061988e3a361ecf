internal import Logging
internal import Synchronization
internal import Transport
package import Wire

/// A client's call, which gets exactly one answer: the first one given, from any thread. One that is let go
/// without an answer is answered as `faulty`, so that no client waits for ever.
package final class RPCCall: Sendable {
  package let method: String
  package let parameters: Parameters
  package let client: RPCPeer
  /// nil for a notification, which has no answer.
  private let id: CallID?
  private let bytes: Int
  private let logger: Logger
  private let isAnswered = Atomic<Bool>(false)

  init(id: CallID?, method: String, parameters: Parameters, client: RPCPeer, bytes: Int, logger: Logger) {
    self.id = id
    self.method = method
    self.parameters = parameters
    self.client = client
    self.bytes = bytes
    self.logger = logger
    client.begin(bytes)
  }

  deinit {
    if id == nil { finish { nil } } else { fail(Failure(.faulty, "'\(method)' was not answered")) }
  }

  package func reply(_ result: some Encodable) {
    finish { id.map { Message.success(id: $0, result) } }
  }

  package func fail(_ failure: Failure) {
    finish {
      log(failure)
      return id.map { Message.error(id: $0, failure) }
    }
  }

  private func log(_ failure: Failure) {
    logger.debug(
      "request failed",
      metadata: [
        "method": "\(method.prefix(80))", "uid": "\(client.peer.uid)", "code": "\(failure.code.rawValue)",
        "reason": "\(failure)",
      ])
  }

  private func finish(_ line: () -> [UInt8]?) {
    guard !isAnswered.exchange(true, ordering: .acquiringAndReleasing) else { return }
    if let line = line() { client.send(line) }
    client.end(bytes)
  }
}
