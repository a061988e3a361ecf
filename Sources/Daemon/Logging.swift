internal import Glibc
package import Logging
internal import Model

/// Sends all logging to standard error, one line a message.
package enum LogSetup {
  package static func start(level: Logger.Level) {
    let form: LogForm = unsafe getenv("JOURNAL_STREAM") == nil ? .terminal : .journal
    LoggingSystem.bootstrap { _ in StandardErrorHandler(form: form, level: level) }
  }
}

struct StandardErrorHandler: LogHandler {
  let form: LogForm
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  var metadataProvider: Logger.MetadataProvider?

  init(form: LogForm, level: Logger.Level) {
    self.form = form
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
    let line = Array(form.line(level: event.level, message: message, metadata: all, at: now()).utf8)
    // One write a line, so that lines of several threads don't mix. What can't be logged is lost: there is
    // nowhere to say so.
    unsafe line.withUnsafeBytes { _ = unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private func now() -> Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}

/// How a line looks: with a time for people and files; for systemd's journal, which has the time itself, with
/// the priority in angle brackets (sd-daemon(3)).
enum LogForm: Sendable {
  case terminal, journal

  /// Below journald's `LineMax`, which would break a longer line in two.
  static let longestLine = 16 << 10

  func line(level: Logger.Level, message: String, metadata: Logger.Metadata, at time: Timestamp) -> String {
    var line =
      switch self {
      case .terminal: "\(time.iso8601Milliseconds) \(level.rawValue): "
      case .journal: "<\(level.priority)>"
      }
    line += Self.oneLine(message)
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
      line += " \(Self.oneLine(key))=\(Self.quoted(value.description))"
    }
    return Self.cut(line) + "\n"
  }

  private static func cut(_ line: String) -> String {
    guard line.utf8.count > longestLine else { return line }
    let start = String(decoding: line.utf8.prefix(longestLine - 64), as: UTF8.self)
    return "\(start) [... \(line.utf8.count) bytes in all]"
  }

  private static func quoted(_ text: String) -> String {
    let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && $0 != 34 && $0 != 61 && $0 != 127 }
    return isPlain ? text : "\"\(oneLine(text, escaping: ["\\", "\""]))\""
  }

  private static func oneLine(_ text: String, escaping marks: Set<Unicode.Scalar> = []) -> String {
    var line = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case _ where marks.contains(scalar): line += "\\\(scalar)"
      case "\n": line += "\\n"
      case "\t": line += " "
      case _ where scalar.isControl: line += "?"
      default: line.unicodeScalars.append(scalar)
      }
    }
    return line
  }
}

extension Unicode.Scalar {
  fileprivate var isControl: Bool { properties.generalCategory == .control }
}

extension Logger.Level {
  /// syslog(3)'s number.
  fileprivate var priority: Int {
    switch self {
    case .critical: 2
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug, .trace: 7
    }
  }
}
