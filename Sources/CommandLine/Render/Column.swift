enum Alignment: Sendable { case left, right }

/// Whether a column stands in every table, or in the wide one alone.
enum Detail: Sendable { case always, wide }

/// One column of a table, declared once for each type of row and used in every format.
struct Column<Row>: Sendable {
  enum Content: Sendable {
    case text(@Sendable (Row) -> String)
    /// Only people get bars; programs have the numbers.
    case bar(@Sendable (Row) -> Bar?)
  }

  let header: String
  let content: Content
  let alignment: Alignment
  let detail: Detail
  /// Whether it may be cut to fit a terminal.
  let isElastic: Bool
  let tone: @Sendable (Row) -> Tone

  static func text(
    _ header: String, _ alignment: Alignment = .left, _ detail: Detail = .always, isElastic: Bool = false,
    tone: @escaping @Sendable (Row) -> Tone = { _ in .plain }, _ value: @escaping @Sendable (Row) -> String
  ) -> Column {
    Column(
      header: header, content: .text(value), alignment: alignment, detail: detail, isElastic: isElastic,
      tone: tone)
  }

  static func bar(_ header: String, _ value: @escaping @Sendable (Row) -> Bar?) -> Column {
    Column(
      header: header, content: .bar(value), alignment: .left, detail: .always, isElastic: false,
      tone: { _ in .plain })
  }

  var isBar: Bool {
    if case .bar = content { true } else { false }
  }

  /// The value in words; a bar has none.
  func words(_ row: Row) -> String {
    if case .text(let value) = content { value(row) } else { "" }
  }
}
