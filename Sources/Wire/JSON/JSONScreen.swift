/// Refuses what json-c takes although it isn't JSON, or takes and changes: control characters and bad UTF-8
/// in strings, single quotes, NaN and Infinity, `-01`, `1.`, numbers beyond 64 bits, a NUL within a key. It
/// counts the levels too. What is malformed otherwise is left to json-c.
struct JSONScreen {
  private let text: [UInt8]
  private var position = 0
  private var depth = 0

  static func check(_ bytes: [UInt8]) throws(Failure) {
    guard (try? UTF8Span(validating: bytes.span)) != nil else {
      throw Failure(.malformed, "not JSON: the line isn't UTF-8")
    }
    var screen = JSONScreen(bytes)
    try screen.run()
  }

  static func malformed(_ why: String, at position: Int) -> Failure {
    Failure(.malformed, "not JSON: \(why), at byte \(position + 1)")
  }

  private init(_ text: [UInt8]) { self.text = text }

  private mutating func run() throws(Failure) {
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""): try string()
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        guard depth <= JSON.deepest else {
          throw Self.malformed("more than \(JSON.deepest) levels of nesting", at: position)
        }
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        position += 1
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
      case 0, UInt8(ascii: "'"), UInt8(ascii: "N"), UInt8(ascii: "I"):
        throw Self.malformed("unexpected character", at: position)
      default: position += 1
      }
    }
  }

  private mutating func string() throws(Failure) {
    position += 1
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        if isEscapedNul(at: position) { throw Self.malformed("a NUL in a string", at: position) }
        position += 2
      case 0..<0x20: throw Self.malformed("a control character in a string", at: position)
      default: position += 1
      }
    }
  }

  private func isEscapedNul(at start: Int) -> Bool {
    guard start + 6 <= text.count, text[start + 1] == UInt8(ascii: "u") else { return false }
    return (start + 2..<start + 6).allSatisfy { text[$0] == UInt8(ascii: "0") }
  }

  private mutating func number() throws(Failure) {
    let start = position
    let isNegative = text[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let whole = digits()
    guard whole.count > 0, whole.count == 1 || text[whole.lowerBound] != UInt8(ascii: "0") else {
      throw Self.malformed("a number must not begin with 0", at: start)
    }
    var isInteger = true
    if next(is: ".") {
      isInteger = false
      guard digits().count > 0 else { throw Self.malformed("digits must follow the point", at: position) }
    }
    if next(is: "e") || next(is: "E") {
      isInteger = false
      _ = next(is: "+") || next(is: "-")
      guard digits().count > 0 else { throw Self.malformed("digits must follow the e", at: position) }
    }
    if isInteger {
      guard fits(whole, isNegative: isNegative) else {
        throw Self.malformed("an integer beyond 64 bits", at: start)
      }
    } else if !isFinite(start..<position) {
      throw Self.malformed("a number beyond 64 bits", at: start)
    }
  }

  private func isFinite(_ number: Range<Int>) -> Bool {
    Double(String(decoding: text[number], as: UTF8.self))?.isFinite == true
  }

  private mutating func next(is character: Unicode.Scalar) -> Bool {
    guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func digits() -> Range<Int> {
    let start = position
    while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) {
      position += 1
    }
    return start..<position
  }

  private func fits(_ digits: Range<Int>, isNegative: Bool) -> Bool {
    guard digits.count >= 19 else { return true }
    var value: UInt64 = 0
    for index in digits {
      let (scaled, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isOver) = scaled.addingReportingOverflow(UInt64(text[index] - UInt8(ascii: "0")))
      if isTooLarge || isOver { return false }
      value = sum
    }
    return value <= UInt64(Int64.max) + (isNegative ? 1 : 0)
  }
}
