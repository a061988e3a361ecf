/// Reads JSON as RFC 8259 has it, within the wire's bounds: UTF-8, so many levels, numbers of 64 bits, no NUL in a string.
/// It looks at each byte once, and notes what stands where; texts stay where they are.
struct JSONParser {
  private var position = 0
  private var depth = 0
  private var values: [JSONDocument.Value] = []

  static func parse(_ bytes: [UInt8]) throws(Failure) -> JSONNode {
    guard let size = UInt32(exactly: bytes.count) else {
      throw Failure(.malformed, "not JSON: at most \(UInt32.max) bytes are taken")
    }
    let text = bytes.span
    guard (try? UTF8Span(validating: text)) != nil else {
      throw Failure(.malformed, "not JSON: the line isn't UTF-8")
    }
    var parser = JSONParser()
    // A value and its name seldom have less between them; what is left over is soon given back.
    parser.values.reserveCapacity(Int(min(size / 8, 1024)) + 1)
    try parser.value(text)
    parser.skipSpace(text)
    guard parser.position == text.count else { throw parser.unexpected(text) }
    return JSONDocument(text: bytes, values: parser.values).root
  }

  private static func malformed(_ why: String, at position: Int) -> Failure {
    Failure(.malformed, "not JSON: \(why), at byte \(position + 1)")
  }

  private func unexpected(_ text: Span<UInt8>) -> Failure {
    Self.malformed(position < text.count ? "unexpected character" : "it ends too soon", at: position)
  }

  private mutating func skipSpace(_ text: Span<UInt8>) {
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): position += 1
      default: return
      }
    }
  }

  /// Whether that is what comes next, which is then behind us.
  private mutating func take(_ text: Span<UInt8>, _ character: UInt8) -> Bool {
    guard position < text.count, text[position] == character else { return false }
    position += 1
    return true
  }

  // MARK: Values

  private mutating func value(_ text: Span<UInt8>) throws(Failure) {
    skipSpace(text)
    guard position < text.count else { throw unexpected(text) }
    switch text[position] {
    case UInt8(ascii: "{"): try object(text)
    case UInt8(ascii: "["): try array(text)
    case UInt8(ascii: "\""): try string(text)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(text)
    case UInt8(ascii: "t"): try word("true", .boolean(true), text)
    case UInt8(ascii: "f"): try word("false", .boolean(false), text)
    case UInt8(ascii: "n"): try word("null", .null, text)
    default: throw unexpected(text)
    }
  }

  private mutating func word(
    _ word: StaticString, _ value: JSONDocument.Value, _ text: Span<UInt8>
  ) throws(Failure) {
    for index in 0..<word.utf8CodeUnitCount {
      guard take(text, unsafe word.utf8Start[index]) else { throw unexpected(text) }
    }
    values.append(value)
  }

  private mutating func object(_ text: Span<UInt8>) throws(Failure) {
    let place = values.count
    let count = try list(text, end: UInt8(ascii: "}")) { parser, text throws(Failure) in
      parser.skipSpace(text)
      guard parser.position < text.count, text[parser.position] == UInt8(ascii: "\"") else {
        throw parser.unexpected(text)
      }
      try parser.string(text)
      parser.skipSpace(text)
      guard parser.take(text, UInt8(ascii: ":")) else { throw parser.unexpected(text) }
      try parser.value(text)
    }
    values[place] = .object(count: count, end: UInt32(values.count))
  }

  private mutating func array(_ text: Span<UInt8>) throws(Failure) {
    let place = values.count
    let count = try list(text, end: UInt8(ascii: "]")) { parser, text throws(Failure) in
      try parser.value(text)
    }
    values[place] = .array(count: count, end: UInt32(values.count))
  }

  /// How many items there are. Takes a place for what has them.
  private mutating func list(
    _ text: Span<UInt8>, end: UInt8, item: (inout JSONParser, Span<UInt8>) throws(Failure) -> Void
  ) throws(Failure) -> UInt32 {
    depth += 1
    guard depth <= JSON.deepest else {
      throw Self.malformed("more than \(JSON.deepest) levels of nesting", at: position)
    }
    position += 1
    values.append(.null)
    var count: UInt32 = 0
    skipSpace(text)
    if !take(text, end) {
      repeat {
        try item(&self, text)
        count += 1
        skipSpace(text)
      } while take(text, UInt8(ascii: ","))
      guard take(text, end) else { throw unexpected(text) }
    }
    depth -= 1
    return count
  }

  // MARK: Texts

  private mutating func string(_ text: Span<UInt8>) throws(Failure) {
    position += 1
    let start = position
    var hasEscapes = false
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        values.append(
          .string(start: UInt32(start), count: UInt32(position - start), hasEscapes: hasEscapes))
        position += 1
        return
      case UInt8(ascii: "\\"):
        hasEscapes = true
        try escape(text)
      case 0..<0x20: throw Self.malformed("a control character in a string", at: position)
      default: position += 1
      }
    }
    throw unexpected(text)
  }

  private mutating func escape(_ text: Span<UInt8>) throws(Failure) {
    let start = position
    position += 1
    guard position < text.count else { throw unexpected(text) }
    if JSONEscape.character(text[position]) != nil {
      position += 1
    } else if take(text, UInt8(ascii: "u")), let unit = JSONEscape.unit(text, at: position) {
      guard unit > 0 else { throw Self.malformed("a NUL in a string", at: start) }
      position += JSONEscape.digits
    } else {
      throw Self.malformed("no such escape", at: start)
    }
  }

  // MARK: Numbers

  private mutating func number(_ text: Span<UInt8>) throws(Failure) {
    let start = position
    let isNegative = take(text, UInt8(ascii: "-"))
    let whole = digits(text)
    guard whole.count > 0, whole.count == 1 || text[whole.lowerBound] != UInt8(ascii: "0") else {
      throw Self.malformed(
        whole.isEmpty ? "digits must follow the -" : "a number must not begin with 0", at: start)
    }
    var isInteger = true
    if take(text, UInt8(ascii: ".")) {
      isInteger = false
      guard digits(text).count > 0 else { throw Self.malformed("digits must follow the point", at: position) }
    }
    if take(text, UInt8(ascii: "e")) || take(text, UInt8(ascii: "E")) {
      isInteger = false
      _ = take(text, UInt8(ascii: "+")) || take(text, UInt8(ascii: "-"))
      guard digits(text).count > 0 else { throw Self.malformed("digits must follow the e", at: position) }
    }
    if isInteger {
      guard let value = Self.integer(text, whole, isNegative: isNegative) else {
        throw Self.malformed("an integer beyond 64 bits", at: start)
      }
      values.append(.integer(value))
    } else {
      guard let value = Self.double(text, start..<position) else {
        throw Self.malformed("a number beyond 64 bits", at: start)
      }
      values.append(.double(value))
    }
  }

  private mutating func digits(_ text: Span<UInt8>) -> Range<Int> {
    let start = position
    while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) {
      position += 1
    }
    return start..<position
  }

  private static func integer(_ text: Span<UInt8>, _ digits: Range<Int>, isNegative: Bool) -> Int64? {
    var value: Int64 = 0
    for index in digits {
      let digit = Int64(text[index] - UInt8(ascii: "0"))
      let (scaled, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isOver) = scaled.addingReportingOverflow(isNegative ? -digit : digit)
      if isTooLarge || isOver { return nil }
      value = sum
    }
    return value
  }

  /// nil when it is infinite.
  private static func double(_ text: Span<UInt8>, _ number: Range<Int>) -> Double? {
    let digits = unsafe text.extracting(number).withUnsafeBufferPointer {
      unsafe String(decoding: $0, as: UTF8.self)
    }
    return Double(digits).flatMap { $0.isFinite ? $0 : nil }
  }
}
