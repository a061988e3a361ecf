internal import Logging
internal import Model

/// One message, as the sources told it.
struct LogEntry: Sendable {
  /// Who speaks, such as "sluiced".
  var label: String
  var level: Logger.Level
  var message: String
  var metadata: Logger.Metadata
  var time: Timestamp
}

/// How a line looks: with a time for people and files; for systemd's journal, which has the time itself, with
/// the priority in angle brackets (sd-daemon(3)).
enum LogForm: Sendable {
  case terminal, journal

  /// Below journald's `LineMax`, which would break a longer line in two.
  static let longestLine = 16 << 10

  func line(_ entry: LogEntry) -> String {
    let start =
      switch self {
      case .terminal: "\(entry.time.iso8601Milliseconds) \(entry.level.rawValue): "
      case .journal: "<\(entry.level.priority)>"
      }
    return Self.cut(start + Self.text(entry), to: Self.longestLine) + "\n"
  }

  /// The message and then its metadata, in one line.
  static func text(_ entry: LogEntry) -> String {
    var line = oneLine(entry.message)
    for (key, value) in entry.metadata.sorted(by: { $0.key < $1.key }) {
      line += " \(oneLine(key))=\(quoted(value.description))"
    }
    return line
  }

  /// At most `most` bytes; says so where something is missing.
  static func cut(_ text: String, to most: Int) -> String {
    guard text.utf8.count > most else { return text }
    let start = String(decoding: text.utf8.prefix(most - 64), as: UTF8.self)
    return "\(start) [... \(text.utf8.count) bytes in all]"
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
  var priority: Int {
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
