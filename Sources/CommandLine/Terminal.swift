internal import Glibc
internal import Model
internal import Wire

/// This process's standard streams, and what they are connected to.
enum Terminal {
  static var isOutput: Bool { isatty(STDOUT_FILENO) == 1 }
  static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

  /// Columns and rows of the terminal on standard output; nil when it is none.
  static var size: (columns: Int, rows: Int)? {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return (Int(size.ws_col), max(1, Int(size.ws_row)))
  }

  /// As setlocale(3) chooses: the first of the three that is set.
  static var isUnicode: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment($0) }.first ?? ""
    let upper = locale.uppercased()
    return upper.hasSuffix("UTF-8") || upper.hasSuffix("UTF8")
  }

  static var isColoured: Bool {
    isOutput && environment("NO_COLOR") == nil && environment("TERM") != "dumb"
  }

  /// nil when it is not set, or empty.
  static func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    let text = unsafe String(cString: value)
    return text.isEmpty ? nil : text
  }

  static var now: Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  static func print(_ lines: [String]) throws(CommandFailure) { try write(lines, to: STDOUT_FILENO) }

  /// What can't be said on standard error is lost: there is nowhere else to say it.
  static func complain(_ lines: [String]) { try? write(lines, to: STDERR_FILENO) }

  /// Asks on standard error, and takes a line that starts with y for yes.
  static func confirm(_ question: String) -> Bool {
    try? writeText("\(question) [y/N] ", to: STDERR_FILENO)
    return readLine()?.lowercased().hasPrefix("y") ?? false
  }

  static func write(_ text: String) throws(CommandFailure) { try writeText(text, to: STDOUT_FILENO) }

  private static func write(_ lines: [String], to descriptor: Int32) throws(CommandFailure) {
    guard !lines.isEmpty else { return }
    try writeText(lines.joined(separator: "\n") + "\n", to: descriptor)
  }

  private static func writeText(_ text: String, to descriptor: Int32) throws(CommandFailure) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        let reason = unsafe String(cString: strerror(errno))
        throw .request(Failure(.unavailable, "the output can't be written: \(reason)"))
      }
    }
  }
}
