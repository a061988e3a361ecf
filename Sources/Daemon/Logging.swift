internal import Glibc
package import Logging
internal import Model

/// Sends all logging where standard error goes, one entry a message.
package enum LogSetup {
  package static func start(level: Logger.Level) {
    let target = LogTarget.current
    LoggingSystem.bootstrap { label in ServiceLogHandler(label: label, target: target, level: level) }
  }
}

/// Where entries go: as lines to standard error or, when that is the journal, to the journal's own socket.
enum LogTarget: Sendable {
  case terminal
  case journal(Journal)

  static var current: LogTarget {
    let stream = unsafe getenv("JOURNAL_STREAM").map { unsafe String(cString: $0) }
    return LogTarget(journalStream: stream, descriptor: STDERR_FILENO, journal: Journal.usualPath)
  }

  /// - Parameter journalStream: device and inode, as systemd.exec(5) has it in `JOURNAL_STREAM`. One that was
  ///   inherited from a parent whose standard error was another is not believed.
  init(journalStream: String?, descriptor: Int32, journal path: String) {
    var status = stat()
    let isJournal =
      unsafe fstat(descriptor, &status) == 0 && journalStream == "\(status.st_dev):\(status.st_ino)"
    self = isJournal ? .journal(Journal(path: path)) : .terminal
  }

  func write(_ entry: LogEntry, to descriptor: Int32 = STDERR_FILENO) {
    switch self {
    case .terminal: print(LogForm.terminal.line(entry), to: descriptor)
    case .journal(let journal):
      // A journal that is there and takes nothing would hang on standard error too: that line is lost.
      if case .failed = journal.send(entry) { print(LogForm.journal.line(entry), to: descriptor) }
    }
  }

  /// One write a line, so that lines of several threads don't mix. What can't be written is lost: there is
  /// nowhere to say so.
  private func print(_ line: String, to descriptor: Int32) {
    let bytes = Array(line.utf8)
    unsafe bytes.withUnsafeBytes { _ = unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
  }
}

struct ServiceLogHandler: LogHandler {
  let label: String
  let target: LogTarget
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(label: String, target: LogTarget, level: Logger.Level) {
    self.label = label
    self.target = target
    logLevel = level
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let extra = metadataProvider?.get() ?? [:]
    let all = metadata.merging(extra) { $1 }.merging(event.metadata ?? [:]) { $1 }
    var message = event.message.description
    if let error = event.error { message += ": \(error)" }
    target.write(
      LogEntry(label: label, level: event.level, message: message, metadata: all, time: Self.now()))
  }

  private static func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
