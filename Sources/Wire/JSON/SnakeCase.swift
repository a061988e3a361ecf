/// `bootTime` here is `boot_time` there: a capital becomes an underscore and its small letter.
enum SnakeCase {
  static func bytes(of name: String, _ body: (UInt8) -> Void) {
    let span = name.utf8Span.span
    for index in span.indices {
      let byte = span[index]
      if isCapital(byte) {
        body(UInt8(ascii: "_"))
        body(byte | 0x20)
      } else {
        body(byte)
      }
    }
  }

  static func text(of name: String) -> String {
    var result: [UInt8] = []
    bytes(of: name) { result.append($0) }
    return String(decoding: result, as: UTF8.self)
  }

  /// The way back, for types that ask which keys there are.
  static func camelCase(_ name: String) -> String {
    var result: [UInt8] = []
    var isAfterUnderscore = false
    for byte in name.utf8 {
      if byte == UInt8(ascii: "_") {
        isAfterUnderscore = true
      } else {
        let isSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        result.append(isAfterUnderscore && isSmall ? byte & ~0x20 : byte)
        isAfterUnderscore = false
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func isCapital(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }
}
