internal import Glibc
internal import Model
internal import Wire

/// `quota list --watch`: what there is, then what changes, until interrupted or the time is up. A sluiced that
/// goes away is waited for.
struct QuotaWatch {
  private static let redrawInterval = 1.0
  private static let retryInterval = 1.0

  private let connection: ConnectionOptions
  private let output: OutputOptions
  private let deadline: Timestamp?
  private var board: WatchBoard
  private var session: Session

  init(_ connection: ConnectionOptions, _ output: OutputOptions, duration: Double?) throws(CommandFailure) {
    self.connection = connection
    self.output = output
    deadline = duration.map { Terminal.now.advanced(bySeconds: min($0, 1e9)) }
    session = try Session(connection)
    board = WatchBoard(try Self.subscribe(session))
  }

  func run() throws(CommandFailure) {
    var watch = self
    interruptEndsWell()
    while true {
      try watch.show()
      guard let wait = watch.remaining(Self.redrawInterval) else { return }
      do throws(Failure) {
        try watch.collect(for: wait)
      } catch {
        guard try watch.reconnect(after: error) else { return }
      }
    }
  }

  /// Seconds to wait, at most `interval`; nil when the time is up.
  private func remaining(_ interval: Double) -> Double? {
    guard let deadline else { return interval }
    let left = deadline.seconds(since: Terminal.now)
    return left > 0 ? min(left, interval) : nil
  }

  private static func subscribe(_ session: Session) throws(CommandFailure) -> [QuotaStatus] {
    let first = try session.call(
      "quota.watch", PageRequest(limit: PageRequest.most), as: Page<QuotaStatus>.self)
    guard let cursor = first.nextCursor else { return first.items }
    let rest = try session.items("quota.list", as: QuotaStatus.self) { limit, next in
      PageRequest(limit: limit, cursor: next ?? cursor)
    }
    return first.items + rest
  }

  /// Takes in what changes for so long, so that no more than one redraw happens in that time.
  private mutating func collect(for seconds: Double) throws(Failure) {
    let end = Terminal.now.advanced(bySeconds: seconds)
    var left = seconds
    while left > 0 {
      if let (method, parameters) = try session.nextNotification(timeout: left), method == "quota.changed" {
        board.take(try parameters.decode(QuotaChanged.self))
      }
      left = end.seconds(since: Terminal.now)
    }
  }

  /// False when the time was up first.
  private mutating func reconnect(after failure: Failure) throws(CommandFailure) -> Bool {
    session.close()
    board.notice = "sluiced went away (\(failure.message)); trying again every second"
    try show()
    while let wait = remaining(Self.retryInterval) {
      usleep(UInt32(wait * 1e6))
      guard let next = try? Session(connection), let statuses = try? Self.subscribe(next) else { continue }
      session = next
      board.replace(statuses)
      board.notice = "connected to sluiced again"
      return true
    }
    return false
  }

  private mutating func show() throws(CommandFailure) {
    let style = output.style
    if output.output == .json {
      if let change = board.takeChange() {
        try Terminal.print([String(decoding: JSON.encode(change), as: UTF8.self)])
      }
      complainOfNotice()
    } else if Terminal.isOutput {
      let rows = Terminal.size?.rows ?? 24
      try Terminal.write(board.screen(at: Terminal.now, rows: rows, style))
      board.notice = nil
    } else {
      try Terminal.print(board.takeLines(at: Terminal.now))
      complainOfNotice()
    }
  }

  private mutating func complainOfNotice() {
    if let notice = board.notice { Terminal.complain(["sluice: \(Words.visible(notice))"]) }
    board.notice = nil
  }
}

/// Ending a watch by hand is the usual way, and no failure.
private func interruptEndsWell() {
  for name in [SIGINT, SIGTERM] { signal(name) { _ in _exit(0) } }
}
