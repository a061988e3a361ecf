/// How rows are to be written: what the user asked for, and what the terminal can show.
struct Style: Sendable {
  enum Form: Hashable, Sendable {
    case table, wide, csv
    /// As `sacctmgr -P` does, with the columns of the table or of the wide one.
    case parsable(wide: Bool)
  }

  var form = Form.table
  var hasHeader = true
  /// The terminal's columns; nil where nothing limits a line.
  var width: Int?
  var isUnicode = false
  var isColoured = false

  var showsWideColumns: Bool {
    switch form {
    case .table, .parsable(wide: false): false
    case .wide, .csv, .parsable(wide: true): true
    }
  }

  /// Whether people are to read it, rather than programs.
  var isForPeople: Bool { form == .table || form == .wide }

  func painted(_ text: String, _ tone: Tone) -> String {
    guard isColoured, tone != .plain, !text.isEmpty else { return text }
    return "\u{1b}[\(tone.rawValue)m\(text)\u{1b}[0m"
  }

  /// A line that doesn't wrap, for what must know how many lines it draws. Colours take no room.
  func cut(_ line: String) -> String {
    guard let width else { return line }
    var room = width
    var isCode = false
    let kept = line.prefix { character in
      if character == "\u{1b}" { isCode = true }
      defer { if isCode, character == "m" { isCode = false } }
      guard !isCode else { return true }
      room -= 1
      return room >= 0
    }
    return kept.endIndex == line.endIndex ? line : kept + (isColoured ? "\u{1b}[0m" : "")
  }
}

/// A colour, by what it says; the raw value is the terminal's code.
enum Tone: Int, Sendable {
  case plain = 0
  case good = 32
  case busy = 33
  case bad = 31
}
