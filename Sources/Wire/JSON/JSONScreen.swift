/// Refuses what json-c takes although it isn't JSON, or takes and changes: control characters and bad UTF-8
/// in strings, single quotes, NaN and Infinity, `-01`, `1.`, numbers beyond 64 bits, a NUL within a key. It
/// counts the levels too. What is malformed otherwise is left to json-c.
struct JSONScreen {
  private var position = 0
  private var depth = 0

  static func check(_ bytes: [UInt8]) throws(Failure) {
    let text = bytes.span
    guard (try? UTF8Span(validating: text)) != nil else {
      throw Failure(.malformed, "not JSON: the line isn't UTF-8")
    }
    var screen = JSONScreen()
    try screen.run(text)
  }

  static func malformed(_ why: String, at position: Int) -> Failure {
    Failure(.malformed, "not JSON: \(why), at byte \(position + 1)")
  }

  private mutating func run(_ text: Span<UInt8>) throws(Failure) {
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""): try string(text)
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        guard depth <= JSON.deepest else {
          throw Self.malformed("more than \(JSON.deepest) levels of nesting", at: position)
        }
        position += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
        position += 1
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number(text)
      case 0, UInt8(ascii: "'"), UInt8(ascii: "N"), UInt8(ascii: "I"):
        throw Self.malformed("unexpected character", at: position)
      default: position += 1
      }
    }
  }

  private mutating func string(_ text: Span<UInt8>) throws(Failure) {
    position += 1
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        position += 1
        return
      case UInt8(ascii: "\\"):
        if Self.isEscapedNul(text, at: position) { throw Self.malformed("a NUL in a string", at: position) }
        position += 2
      case 0..<0x20: throw Self.malformed("a control character in a string", at: position)
      default: position += 1
      }
    }
  }

  private static func isEscapedNul(_ text: Span<UInt8>, at start: Int) -> Bool {
    guard start + 6 <= text.count, text[start + 1] == UInt8(ascii: "u") else { return false }
    return (start + 2..<start + 6).allSatisfy { text[$0] == UInt8(ascii: "0") }
  }

  private mutating func number(_ text: Span<UInt8>) throws(Failure) {
    let start = position
    let isNegative = text[position] == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let whole = digits(text)
    guard whole.count > 0, whole.count == 1 || text[whole.lowerBound] != UInt8(ascii: "0") else {
      throw Self.malformed("a number must not begin with 0", at: start)
    }
    var isInteger = true
    if next(text, is: ".") {
      isInteger = false
      guard digits(text).count > 0 else { throw Self.malformed("digits must follow the point", at: position) }
    }
    if next(text, is: "e") || next(text, is: "E") {
      isInteger = false
      _ = next(text, is: "+") || next(text, is: "-")
      guard digits(text).count > 0 else { throw Self.malformed("digits must follow the e", at: position) }
    }
    if isInteger {
      guard Self.fits(text, whole, isNegative: isNegative) else {
        throw Self.malformed("an integer beyond 64 bits", at: start)
      }
    } else if !Self.isFinite(text, start..<position) {
      throw Self.malformed("a number beyond 64 bits", at: start)
    }
  }

  private static func isFinite(_ text: Span<UInt8>, _ number: Range<Int>) -> Bool {
    let digits = unsafe text.extracting(number).withUnsafeBufferPointer {
      unsafe String(decoding: $0, as: UTF8.self)
    }
    return Double(digits)?.isFinite == true
  }

  private mutating func next(_ text: Span<UInt8>, is character: Unicode.Scalar) -> Bool {
    guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func digits(_ text: Span<UInt8>) -> Range<Int> {
    let start = position
    while position < text.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(text[position]) {
      position += 1
    }
    return start..<position
  }

  private static func fits(_ text: Span<UInt8>, _ digits: Range<Int>, isNegative: Bool) -> Bool {
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
