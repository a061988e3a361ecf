/// Rows and columns as lines, in each of the forms. Pure: the same in, the same out.
enum Table {
  private static let gap = 2
  private static let leastElastic = 8

  static func lines<Row>(_ rows: [Row], _ columns: [Column<Row>], _ style: Style) -> [String] {
    let shown = columns.filter { $0.detail == .always || style.showsWideColumns }
    switch style.form {
    case .table, .wide: return aligned(rows, shown, style)
    case .csv: return records(rows, shown, style).map { $0.map(csv).joined(separator: ",") + "\r" }
    case .parsable: return records(rows, shown, style).map { $0.map(parsable).joined(separator: "|") }
    }
  }

  /// One row as a line for each column, header first: what `show` prints. For programs, a table of one row.
  static func sheet<Row>(_ row: Row, _ columns: [Column<Row>], _ style: Style) -> [String] {
    guard style.isForPeople else { return lines([row], columns, style) }
    let shown = columns.filter { !$0.isBar }
    let width = (shown.map(\.header.count).max() ?? 0) + gap
    return shown.map { column in
      let value = Words.visible(column.words(row))
      return column.header.padded(to: width) + style.painted(value.isEmpty ? "-" : value, column.tone(row))
    }
  }

  // MARK: for programs

  private static func records<Row>(_ rows: [Row], _ columns: [Column<Row>], _ style: Style) -> [[String]] {
    let texts = columns.filter { !$0.isBar }
    let header = style.hasHeader ? [texts.map(\.header)] : []
    return header + rows.map { row in texts.map { $0.words(row) } }
  }

  /// RFC 4180.
  private static func csv(_ value: String) -> String {
    let needsQuotes = value.unicodeScalars.contains { ["\"", ",", "\r", "\n"].contains($0) }
    guard needsQuotes else { return value }
    return "\"" + value.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
      + "\""
  }

  /// A value never breaks a line or starts a column of its own: `|`, backslash and line ends get a backslash.
  private static func parsable(_ value: String) -> String {
    var text = ""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "|", "\\": text += "\\\(scalar)"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  // MARK: for people

  private static func aligned<Row>(_ rows: [Row], _ columns: [Column<Row>], _ style: Style) -> [String] {
    let texts = columns.map { column in rows.map { Words.visible(column.words($0)) } }
    let widths = fitted(columns, texts, style)
    var lines: [String] = []
    if style.hasHeader {
      lines.append(
        line(
          columns.indices.map { index in
            (cell(columns[index].header, widths[index], columns[index].alignment, style), .plain)
          }, style))
    }
    for (number, row) in rows.enumerated() {
      lines.append(
        line(
          columns.indices.map { index in
            let column = columns[index]
            switch column.content {
            case .text:
              return (cell(texts[index][number], widths[index], column.alignment, style), column.tone(row))
            case .bar(let bar):
              let cells = bar(row)?.text(width: widths[index], isUnicode: style.isUnicode) ?? ""
              return (cell(cells, widths[index], .left, style), .plain)
            }
          }, style))
    }
    return lines
  }

  /// Paints only what is not padding, so that no colour trails behind the text.
  private static func line(_ cells: [(text: String, tone: Tone)], _ style: Style) -> String {
    var line = ""
    var owed = 0
    for (text, tone) in cells where !text.isEmpty {
      let start = text.prefix { $0 == " " }.count
      let words = text.trimmedEnd.dropFirst(start)
      if !words.isEmpty {
        line += String(repeating: " ", count: owed + start) + style.painted(String(words), tone)
        owed = 0
      }
      owed += (words.isEmpty ? text.count : text.count - start - words.count) + gap
    }
    return line
  }

  /// The width of each column; zero leaves it out. In a narrow terminal bars shrink first, then go, then
  /// elastic columns are cut.
  private static func fitted<Row>(_ columns: [Column<Row>], _ texts: [[String]], _ style: Style) -> [Int] {
    var widths = columns.indices.map { index in
      columns[index].isBar
        ? max(Bar.usualWidth, columns[index].header.count)
        : max(columns[index].header.count, texts[index].map(\.count).max() ?? 0)
    }
    guard style.form == .table, let limit = style.width else { return widths }
    func excess() -> Int { widths.filter { $0 > 0 }.reduce(-gap) { $0 + $1 + gap } - limit }
    for index in columns.indices where columns[index].isBar && excess() > 0 {
      let left = widths[index] - excess()
      widths[index] = left >= Bar.leastWidth ? left : 0
    }
    while excess() > 0 {
      let elastic = columns.indices.filter { columns[$0].isElastic && widths[$0] > leastElastic }
      guard let widest = elastic.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    return widths
  }

  private static func cell(
    _ text: String, _ width: Int, _ alignment: Alignment, _ style: Style
  ) -> String {
    guard width > 0 else { return "" }
    guard text.count <= width else { return text.prefix(width - 1) + (style.isUnicode ? "…" : "~") }
    let padding = String(repeating: " ", count: width - text.count)
    return alignment == .left ? text + padding : padding + text
  }
}

extension String {
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

  fileprivate var trimmedEnd: Substring {
    var end = self[...]
    while end.last == " " { end.removeLast() }
    return end
  }
}
