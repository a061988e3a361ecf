/// RFC 8259's grammar and the wire's bounds, written down once more and apart from what is tested: 64 levels,
/// numbers of 64 bits, no NUL in a string.
struct JSONGrammar {
  private var rest: ArraySlice<UInt8>
  private static let deepest = 64

  static func accepts(_ bytes: [UInt8]) -> Bool {
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    var grammar = JSONGrammar(rest: bytes[...])
    return grammar.value(depth: 0) && grammar.rest.isEmpty
  }

  private mutating func value(depth: Int) -> Bool {
    skipSpace()
    guard let first = rest.first else { return false }
    let isRead =
      switch first {
      case UInt8(ascii: "{"): list(end: "}", depth: depth + 1) { $0.member(depth: depth + 1) }
      case UInt8(ascii: "["): list(end: "]", depth: depth + 1) { $0.value(depth: depth + 1) }
      case UInt8(ascii: "\""): string()
      case UInt8(ascii: "t"): take("true")
      case UInt8(ascii: "f"): take("false")
      case UInt8(ascii: "n"): take("null")
      default: number()
      }
    skipSpace()
    return isRead
  }

  private mutating func list(end: String, depth: Int, item: (inout JSONGrammar) -> Bool) -> Bool {
    guard depth <= Self.deepest else { return false }
    rest.removeFirst()
    skipSpace()
    if take(end) { return true }
    repeat { guard item(&self) else { return false } } while take(",")
    return take(end)
  }

  private mutating func member(depth: Int) -> Bool {
    skipSpace()
    guard rest.first == UInt8(ascii: "\""), string() else { return false }
    skipSpace()
    return take(":") && value(depth: depth)
  }

  private mutating func string() -> Bool {
    rest.removeFirst()
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return true
      case UInt8(ascii: "\\"): guard escape() else { return false }
      case 0..<0x20: return false
      default: break
      }
    }
    return false
  }

  private mutating func escape() -> Bool {
    guard let byte = rest.popFirst() else { return false }
    guard byte == UInt8(ascii: "u") else { return "\"\\/bfnrt".utf8.contains(byte) }
    let digits = String(decoding: rest.prefix(4), as: UTF8.self)
    guard digits.utf8.count == 4, digits.utf8.allSatisfy(Self.isHexadecimal), digits != "0000" else {
      return false
    }
    rest.removeFirst(4)
    return true
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    "0123456789abcdefABCDEF".utf8.contains(byte)
  }

  private mutating func number() -> Bool {
    let start = rest
    _ = take("-")
    let whole = digits()
    guard whole == 1 || whole > 1 && start.drop(while: { $0 == UInt8(ascii: "-") }).first != 48 else {
      return false
    }
    var isInteger = true
    if take(".") {
      isInteger = false
      guard digits() > 0 else { return false }
    }
    if take("e") || take("E") {
      isInteger = false
      _ = take("+") || take("-")
      guard digits() > 0 else { return false }
    }
    let number = String(decoding: start.prefix(start.count - rest.count), as: UTF8.self)
    return isInteger ? Int64(number) != nil : Double(number)?.isFinite == true
  }

  private mutating func digits() -> Int {
    let count = rest.prefix { (48...57).contains($0) }.count
    rest.removeFirst(count)
    return count
  }

  private mutating func take(_ word: String) -> Bool {
    guard rest.starts(with: word.utf8) else { return false }
    rest.removeFirst(word.utf8.count)
    return true
  }

  private mutating func skipSpace() { rest = rest.drop { " \t\r\n".utf8.contains($0) } }
}
