internal import Synchronization
internal import Transport
package import Wire

/// Calls a service, one call at a time, from a thread that may block. Timeouts are in seconds.
package final class RPCClient: Sendable {
  private let lines: LineClient
  private let state = Mutex(State())

  /// Notifications that came while an answer was awaited, and no one has asked for yet.
  private static let mostNotifications = 4096

  private struct State {
    var lastID: Int64 = 0
    var notifications: [(method: String, parameters: Parameters)] = []
  }

  private init(lines: LineClient) { self.lines = lines }

  package static func connect(path: String, timeout: Double) throws(Failure) -> RPCClient {
    do throws(TransportError) {
      return RPCClient(lines: try LineClient.connect(path: path, timeout: timeout))
    } catch {
      throw Failure(error)
    }
  }

  package func call<R: Decodable>(
    _ method: String, _ parameters: some Encodable, as type: R.Type, timeout: Double
  ) throws(Failure) -> R {
    let result = try result(of: method, parameters, timeout: timeout)
    do throws(Failure) {
      return try result.decode(type)
    } catch {
      throw Failure(.faulty, "the answer to '\(method)' can't be understood", cause: error.message)
    }
  }

  package func callRaw(
    _ method: String, _ parameters: some Encodable, timeout: Double
  ) throws(Failure) -> JSONValue {
    try result(of: method, parameters, timeout: timeout).value
  }

  /// The next notification, in the order they were sent; nil when the time is up. Waits for ever when
  /// `timeout` is nil. Fails as `unavailable` when the connection has ended.
  package func nextNotification(
    timeout: Double?
  ) throws(Failure) -> (method: String, parameters: Parameters)? {
    let deadline = timeout.map { Deadline(after: $0) }
    return try state.withLock { state throws(Failure) in
      while true {
        if !state.notifications.isEmpty { return state.notifications.removeFirst() }
        guard let line = try receive(until: deadline, isSoon: false) else { return nil }
        if case .notification(let method, let parameters) = try Message(parsing: line) {
          return (method, parameters)
        }
      }
    }
  }

  /// Also ends a call or wait that another thread is in.
  package func close() { lines.close() }

  private func result(
    of method: String, _ parameters: some Encodable, timeout: Double
  ) throws(Failure) -> Parameters {
    let deadline = Deadline(after: timeout)
    return try state.withLock { state throws(Failure) in
      state.lastID += 1
      let id = CallID.integer(state.lastID)
      do throws(TransportError) {
        try lines.send(Message.request(id: id, method, parameters), timeout: timeout)
      } catch {
        throw Failure(error)
      }
      while true {
        guard let line = try receive(until: deadline, isSoon: true) else {
          throw Failure(.unavailable, "'\(method)' was not answered within \(timeout) s: try again")
        }
        switch try Message(parsing: line) {
        case .success(id, let result): return result
        case .error(id, let failure), .error(.null, let failure): throw failure
        case .notification(let method, let parameters):
          try keep((method, parameters), in: &state)
        case .success, .error, .request: break  // late answers to calls that were given up
        }
      }
    }
  }

  private func keep(
    _ notification: (method: String, parameters: Parameters), in state: inout State
  ) throws(Failure) {
    guard state.notifications.count < Self.mostNotifications else {
      throw Failure(.overloaded, "more than \(Self.mostNotifications) notifications were not looked at")
    }
    state.notifications.append(notification)
  }

  /// nil when the time is up.
  private func receive(until deadline: Deadline?, isSoon: Bool) throws(Failure) -> [UInt8]? {
    do throws(TransportError) {
      guard let line = try lines.receive(until: deadline, isSoon: isSoon) else { throw .closed }
      return line
    } catch .timedOut {
      return nil
    } catch {
      throw Failure(error)
    }
  }
}
