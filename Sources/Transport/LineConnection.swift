internal import CLinux
internal import Glibc
internal import Logging
internal import Synchronization

/// One client of a `LineServer`. Every method may be called from any thread, and none blocks.
package final class LineConnection: Sendable {
  package let id: UInt64
  package let peer: Peer

  private let poller: Poller
  private let limits: LineLimits
  private let logger: Logger
  let tally: UserTally
  private let state: Mutex<State>

  private struct State: ~Copyable {
    enum Phase { case open, closing, closed }

    var socket: FileDescriptor?
    var phase = Phase.open
    var unsent: [UInt8] = []
    var sent = 0
    var isPaused = false
    /// The peer will send no more.
    var hasEnded = false
    var interest = Poller.readable
  }

  init(
    id: UInt64, peer: Peer, socket: consuming FileDescriptor, tally: UserTally, poller: Poller,
    limits: LineLimits, logger: Logger
  ) throws(TransportError) {
    self.id = id
    self.peer = peer
    self.tally = tally
    self.poller = poller
    self.limits = limits
    self.logger = logger
    try poller.add(socket.number, id: id, interest: Poller.readable)
    state = Mutex(State(socket: socket))
  }

  /// Sends what the socket takes now and keeps the rest. A client that leaves more than the limits allow
  /// unread is dropped.
  package func send(_ bytes: [UInt8]) {
    state.withLock { state in
      guard state.phase == .open else { return }
      append(bytes, to: &state)
    }
  }

  /// Sends a last line, then closes.
  func close(after bytes: [UInt8]) {
    state.withLock { state in
      guard state.phase == .open else { return }
      append(bytes, to: &state)
      beginClosing(&state)
    }
  }

  /// Closes once everything is sent that was given before. Nothing more is read or sent.
  package func close() { state.withLock { beginClosing(&$0) } }

  /// Lines stay where they are until `resumeReading`, and the client can't send more than its socket holds.
  package func pauseReading() {
    state.withLock { state in
      state.isPaused = true
      updateInterest(&state)
    }
  }

  package func resumeReading() {
    let wasPaused = state.withLock { state in
      defer {
        state.isPaused = false
        updateInterest(&state)
      }
      return state.isPaused
    }
    // There may be whole lines that were read before the pause.
    if wasPaused { poller.call { $0.resumed.append(id) } }
  }

  // MARK: For the server's thread

  enum Reading {
    case data(Int)
    case nothing
    case ended
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
    state.withLock { state in
      guard let socket = state.socket?.number, state.phase == .open, !state.isPaused, !state.hasEnded else {
        return .nothing
      }
      let count = unsafe recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
      if count > 0 { return .data(count) }
      if count < 0, errno == EAGAIN || errno == EINTR { return .nothing }
      state.hasEnded = true
      updateInterest(&state)
      return .ended
    }
  }

  /// Whether the next line may be handed on.
  var takesLines: Bool { state.withLock { $0.phase == .open && !$0.isPaused } }

  func flush() { state.withLock { flush(&$0) } }

  /// Frees the socket; the id must not be used after.
  func finish() {
    state.withLock { state in
      state.phase = .closed
      discardUnsent(&state)
      state.socket = nil
    }
  }

  // MARK: Under the lock

  private func append(_ bytes: [UInt8], to state: inout State) {
    // Most lines go out whole, and need not be kept.
    let gone = state.unsent.isEmpty ? write(bytes[...], to: &state) : 0
    if gone < bytes.count {
      state.unsent.append(contentsOf: bytes[gone...])
      tally.add(bytes.count - gone)
      updateInterest(&state)
    }
    let waiting = state.unsent.count - state.sent
    guard waiting > limits.mostUnsentBytes || (waiting > 0 && tally.isOver(limits)) else { return }
    logger.notice(
      "dropped a client that does not read",
      metadata: ["uid": "\(peer.uid)", "pid": "\(peer.pid)", "unsent": "\(waiting)"])
    discardUnsent(&state)
    beginClosing(&state)
  }

  private func flush(_ state: inout State) {
    guard let socket = state.socket?.number else { return }
    let count = write(state.unsent[state.sent...], to: &state)
    state.sent = min(state.sent + count, state.unsent.count)
    tally.remove(count)
    compact(&state)
    if state.unsent.isEmpty, state.phase == .closing { shut(socket) }
    updateInterest(&state)
  }

  /// Sends what the socket takes now; how many bytes need not be kept. Those for a peer that is gone are among them.
  private func write(_ bytes: ArraySlice<UInt8>, to state: inout State) -> Int {
    guard let socket = state.socket?.number else { return bytes.count }
    return unsafe bytes.withUnsafeBytes { bytes in
      var sent = 0
      while sent < bytes.count {
        let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
        let count = unsafe Glibc.send(
          socket, rest.baseAddress, rest.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        if count > 0 {
          sent += count
        } else if errno != EINTR {
          return errno == EAGAIN ? sent : bytes.count
        }
      }
      return sent
    }
  }

  /// Moves the rest to the front when at least half is sent: each byte moves once on average.
  private func compact(_ state: inout State) {
    if state.sent == state.unsent.count {
      state.unsent = []
      state.sent = 0
    } else if state.sent > state.unsent.count / 2 {
      state.unsent.removeSubrange(..<state.sent)
      state.sent = 0
    }
  }

  private func discardUnsent(_ state: inout State) {
    tally.remove(state.unsent.count - state.sent)
    state.unsent = []
    state.sent = 0
  }

  private func beginClosing(_ state: inout State) {
    guard state.phase == .open else { return }
    state.phase = .closing
    if state.unsent.isEmpty, let socket = state.socket?.number { shut(socket) }
    updateInterest(&state)
  }

  /// The server's thread sees the hang-up and frees the socket: it alone may, since it polls it.
  private func shut(_ socket: Int32) { _ = shutdown(socket, Int32(SHUT_RDWR)) }

  private func updateInterest(_ state: inout State) {
    guard let socket = state.socket?.number else { return }
    var wanted: UInt32 = 0
    if state.phase == .open, !state.isPaused, !state.hasEnded { wanted |= Poller.readable }
    if !state.unsent.isEmpty { wanted |= Poller.writable }
    guard wanted != state.interest else { return }
    state.interest = wanted
    poller.modify(socket, id: id, interest: wanted)
  }
}

extension LineConnection: Hashable {
  package static func == (left: LineConnection, right: LineConnection) -> Bool { left === right }
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// What all connections of one user cost together.
final class UserTally: Sendable {
  private let bytes = Atomic<Int>(0)

  func add(_ count: Int) { bytes.add(count, ordering: .relaxed) }
  func remove(_ count: Int) { bytes.subtract(count, ordering: .relaxed) }
  func isOver(_ limits: LineLimits) -> Bool {
    bytes.load(ordering: .relaxed) > limits.mostBufferedBytesPerUser
  }
}
