internal import CLinux
internal import Glibc
internal import Logging
internal import Threads

/// The server's thread: accepts, reads, hands lines on, and frees what has hung up.
final class LineLoop: @unchecked Sendable {
  // Everything here is used by the one thread that is in `run()`.

  private final class Session {
    let connection: LineConnection
    var buffer: LineBuffer
    /// The rest of a line that was too long is thrown away up to its newline, so that the client can finish
    /// writing it and read why it was refused.
    var isSkipping = false
    var hasEnded = false
    var isTold = false

    init(_ connection: LineConnection, longestLine: Int) {
      self.connection = connection
      buffer = LineBuffer(longestLine: longestLine)
    }
  }

  private struct User {
    let tally = UserTally()
    var connections = 0
  }

  private static let listenerID: UInt64 = 0
  private static let readSize = 64 << 10
  /// In a row, from one connection or of the listener, before the others have their turn.
  private static let mostReads = 4
  private static let mostAccepts = 64

  /// Let go at the end, which closes and removes the socket.
  private var listener: ListeningSocket?
  private let poller: Poller
  private let limits: LineLimits
  private let logger: Logger
  private let handler: any LineHandler
  private let heartbeat: Heartbeat
  private let ownUser = geteuid()
  private var sessions: [UInt64: Session] = [:]
  private var users: [UInt32: User] = [:]
  private var lastID = LineLoop.listenerID
  private var turnedAway = 0
  private var nextNote = Deadline(after: 0)
  /// Given up for a moment when descriptors run out, so that a client can be told instead of left waiting.
  private var spare: FileDescriptor?
  private var readBuffer = [UInt8](repeating: 0, count: LineLoop.readSize)

  init(
    listener: ListeningSocket, poller: Poller, limits: LineLimits, logger: Logger, handler: any LineHandler,
    heartbeat: Heartbeat
  ) throws(TransportError) {
    self.listener = listener
    self.poller = poller
    self.limits = limits
    self.logger = logger
    self.handler = handler
    self.heartbeat = heartbeat
    spare = Self.openSpare()
    try poller.add(listener.socket.number, id: Self.listenerID, interest: Poller.readable)
  }

  func run() {
    var isBusy = false
    while true {
      heartbeat.beat()
      let (events, calls) = poller.wait(isBusy: isBusy)
      isBusy = !events.isEmpty
      if calls.mustStop { break }
      for event in events {
        if event.id == Self.listenerID { acceptAll() } else { handle(event) }
      }
      for id in calls.resumed {
        if let session = sessions[id] { deliver(session) }
      }
    }
    listener = nil
    for id in sessions.keys.sorted() { finish(id) }
  }

  // MARK: Connections

  private func acceptAll() {
    guard let socket = listener?.socket.number else { return }
    for _ in 0..<Self.mostAccepts {
      let number = linux_accept(socket)
      if number >= 0 {
        admit(FileDescriptor(owning: number))
      } else if errno == EMFILE || errno == ENFILE {
        guard refuseForLackOfDescriptors(socket) else { return }
      } else if errno != EINTR, errno != ECONNABORTED {
        return
      }
    }
  }

  private func admit(_ socket: consuming FileDescriptor) {
    do throws(TransportError) {
      let peer = try Peer(of: socket.number)
      if let fault = fault(for: peer.uid) {
        return turnAway(socket, fault)
      }
      lastID += 1
      var user = users[peer.uid] ?? User()
      let connection = try LineConnection(
        id: lastID, peer: peer, socket: socket, tally: user.tally, poller: poller, limits: limits,
        logger: logger)
      user.connections += 1
      users[peer.uid] = user
      sessions[lastID] = Session(connection, longestLine: limits.longestLine)
      handler.opened(connection)
    } catch {
      logger.warning("could not take a connection", metadata: ["error": "\(error)"])
    }
  }

  private func fault(for uid: UInt32) -> LineFault? {
    if uid == 0 || uid == ownUser {
      return sessions.count < limits.mostConnections ? nil : .tooManyConnections(most: limits.mostConnections)
    }
    let most = limits.mostConnections - limits.reservedConnections
    if sessions.count >= most { return .tooManyConnections(most: most) }
    let count = users[uid]?.connections ?? 0
    return count < limits.mostConnectionsPerUser
      ? nil : .tooManyConnectionsOfUser(most: limits.mostConnectionsPerUser)
  }

  private func turnAway(_ socket: borrowing FileDescriptor, _ fault: LineFault) {
    noteTurnedAway(fault)
    let line = handler.refusal(fault)
    _ = unsafe line.withUnsafeBytes { bytes in
      unsafe send(
        socket.number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
    }
  }

  /// At most once a second: a client that knocks all the time must not fill the log.
  private func noteTurnedAway(_ fault: LineFault) {
    turnedAway += 1
    guard nextNote.hasPassed else { return }
    logger.notice("turned clients away", metadata: ["count": "\(turnedAway)", "why": "\(fault)"])
    turnedAway = 0
    nextNote = Deadline(after: 1)
  }

  /// False when not even that can be done: then the listener is left for the next round.
  private func refuseForLackOfDescriptors(_ listening: Int32) -> Bool {
    guard spare != nil else {
      spare = Self.openSpare()
      return false
    }
    spare = nil
    let number = linux_accept(listening)
    if number >= 0 { turnAway(FileDescriptor(owning: number), .outOfDescriptors) }
    spare = Self.openSpare()
    return number >= 0
  }

  private static func openSpare() -> FileDescriptor? {
    let number = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
    return number >= 0 ? FileDescriptor(owning: number) : nil
  }

  private func finish(_ id: UInt64) {
    guard let session = sessions.removeValue(forKey: id) else { return }
    let connection = session.connection
    connection.tally.remove(session.buffer.count)
    connection.finish()
    let uid = connection.peer.uid
    users[uid]?.connections -= 1
    if users[uid]?.connections == 0 { users[uid] = nil }
    handler.closed(connection)
  }

  // MARK: Lines

  private func handle(_ event: Poller.Event) {
    guard let session = sessions[event.id] else { return }
    if event.isWritable { session.connection.flush() }
    if event.isReadable || event.hasHungUp { readAll(session, toTheEnd: event.hasHungUp) }
    if event.hasHungUp { finish(event.id) }
  }

  private func readAll(_ session: Session, toTheEnd: Bool) {
    let connection = session.connection
    for _ in 0..<Self.mostReads {
      let reading = unsafe readBuffer.withUnsafeMutableBytes { unsafe connection.read(into: $0) }
      switch reading {
      case .nothing: return
      case .ended:
        session.hasEnded = true
        deliver(session)
        return
      case .data(let count):
        connection.tally.add(count)
        unsafe readBuffer.withUnsafeBytes { bytes in
          unsafe session.buffer.append(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
        deliver(session)
        // Less than was asked for: the socket is empty, and tells when it is not.
        if count < Self.readSize, !toTheEnd { return }
      }
    }
  }

  /// Hands on the lines that are whole.
  private func deliver(_ session: Session) {
    let connection = session.connection
    while connection.takesLines, let line = nextLine(session) {
      handler.received(line, on: connection)
    }
    guard connection.takesLines else { return }
    if connection.tally.isOver(limits), session.buffer.count > 0 {
      let most = limits.mostBufferedBytesPerUser
      connection.close(after: handler.refusal(.tooManyBufferedBytes(most: most)))
    } else if session.hasEnded, !session.isTold {
      session.isTold = true
      handler.ended(connection)
    }
  }

  private func nextLine(_ session: Session) -> [UInt8]? {
    let before = session.buffer.count
    defer { session.connection.tally.remove(before - session.buffer.count) }
    if session.isSkipping { return skipLine(session) }
    switch session.buffer.next() {
    case .line(let line): return line
    case .unfinished: return nil
    case .tooLong:
      session.connection.send(handler.refusal(.lineTooLong(most: limits.longestLine)))
      session.isSkipping = true
      return skipLine(session)
    }
  }

  /// Ends the connection once the line that was too long has ended.
  private func skipLine(_ session: Session) -> [UInt8]? {
    if session.buffer.skipLine() { session.connection.close() }
    return nil
  }
}
