internal import Wire

/// The same value as YAML. Text that YAML could take for anything but text is in double quotes, as JSON
/// writes it, but for some characters that JSON has and YAML has not.
enum YAMLText {
  static func lines(_ value: JSONValue) -> [String] {
    var lines: [String] = []
    write(value, first: "", indent: "", to: &lines)
    return lines
  }

  /// `first` starts the first line, `indent` the others.
  private static func write(_ value: JSONValue, first: String, indent: String, to lines: inout [String]) {
    switch value {
    case .array(let elements) where !elements.isEmpty:
      for (index, element) in elements.enumerated() {
        write(element, first: (index == 0 ? first : indent) + "- ", indent: indent + "  ", to: &lines)
      }
    case .object(let members) where !members.isEmpty:
      for (index, member) in members.enumerated() {
        let key = (index == 0 ? first : indent) + text(member.key) + ":"
        if isNested(member.value) {
          lines.append(key)
          write(member.value, first: indent + "  ", indent: indent + "  ", to: &lines)
        } else {
          lines.append("\(key) \(scalar(member.value))")
        }
      }
    default:
      lines.append(first + scalar(value))
    }
  }

  private static func isNested(_ value: JSONValue) -> Bool {
    switch value {
    case .array(let elements): !elements.isEmpty
    case .object(let members): !members.isEmpty
    default: false
    }
  }

  private static func scalar(_ value: JSONValue) -> String {
    if case .string(let text) = value { self.text(text) } else { JSONText.scalar(value) }
  }

  private static let wordsWithMeaning: Set<String> = [
    "true", "false", "null", "yes", "no", "on", "off", "y", "n",
  ]

  private static func text(_ text: String) -> String {
    let isPlain = text.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
        true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "-"):
        index > 0
      default: false
      }
    }
    guard isPlain, !text.isEmpty, !wordsWithMeaning.contains(text.lowercased()) else {
      return escaped(JSONText.scalar(.string(text)))
    }
    return text
  }

  /// YAML has line breaks of its own, and no control characters or byte order marks (YAML 1.2, 5.1 and 5.4).
  private static func escaped(_ quoted: String) -> String {
    var result = ""
    for scalar in quoted.unicodeScalars {
      switch scalar.value {
      case 0x80...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
