internal import Wire

/// JSON with a member a line, indented by two spaces.
enum JSONText {
  static func lines(_ value: JSONValue) -> [String] {
    var lines = [""]
    write(value, indent: "", to: &lines)
    return lines
  }

  /// A value that is neither an array nor an object, or empty.
  static func scalar(_ value: JSONValue) -> String { String(decoding: JSON.encode(value), as: UTF8.self) }

  private static func write(_ value: JSONValue, indent: String, to lines: inout [String]) {
    let inner = indent + "  "
    switch value {
    case .array(let elements) where !elements.isEmpty:
      lines[lines.count - 1] += "["
      for (index, element) in elements.enumerated() {
        lines.append(inner)
        write(element, indent: inner, to: &lines)
        if index < elements.count - 1 { lines[lines.count - 1] += "," }
      }
      lines.append(indent + "]")
    case .object(let members) where !members.isEmpty:
      lines[lines.count - 1] += "{"
      for (index, member) in members.enumerated() {
        lines.append("\(inner)\(scalar(.string(member.key))): ")
        write(member.value, indent: inner, to: &lines)
        if index < members.count - 1 { lines[lines.count - 1] += "," }
      }
      lines.append(indent + "}")
    default:
      lines[lines.count - 1] += scalar(value)
    }
  }
}
