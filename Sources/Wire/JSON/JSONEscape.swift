/// What stands for something else in a string of JSON.
enum JSONEscape {
  /// Of a `\u`.
  static let digits = 4

  /// What a backslash and this byte stand for; nil when nothing, or when digits must follow.
  static func character(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): UInt8(ascii: "\n")
    case UInt8(ascii: "r"): UInt8(ascii: "\r")
    case UInt8(ascii: "t"): UInt8(ascii: "\t")
    default: nil
    }
  }

  /// The digits of a `\u`, as a unit of UTF-16; nil when they aren't.
  static func unit(_ text: Span<UInt8>, at start: Int) -> UInt16? {
    guard start + digits <= text.count else { return nil }
    var unit: UInt16 = 0
    for index in start..<start + digits {
      guard let digit = Character(Unicode.Scalar(text[index])).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    return unit
  }

  /// The text that well-formed bytes between quotes stand for. Half of a surrogate pair stands for U+FFFD.
  static func decoded(_ text: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      guard text[index] == UInt8(ascii: "\\") else {
        bytes.append(text[index])
        index += 1
        continue
      }
      if let byte = character(text[index + 1]) {
        bytes.append(byte)
        index += 2
        continue
      }
      // Pairs stand for one character, so those in a row are taken together.
      var units: [UInt16] = []
      while index + 1 < text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u"),
        let unit = unit(text, at: index + 2)
      {
        units.append(unit)
        index += 2 + digits
      }
      bytes.append(contentsOf: String(decoding: units, as: UTF16.self).utf8)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
