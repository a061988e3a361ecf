import Wire
import YAML

@testable import CommandLine

/// What `-o yaml` prints is YAML, and says what it was made of.
enum YAMLTextPromises {
  static func check(_ value: JSONValue) throws(Broken) {
    let written = Array(YAMLText.lines(value).joined(separator: "\n").utf8)
    switch attempt({ () throws(YAMLFault) in try YAMLReader.parse(written, file: "f.yaml") }) {
    case .success(let read):
      try promise(isSame(read, value), "\(value) was shown as \(text(written)), read as \(read)")
    case .failure(let fault):
      try promise(isBeyondBounds(fault, value), "\(value) was shown as \(text(written)): \(fault)")
    }
  }

  private static func isSame(_ read: YAMLValue, _ value: JSONValue) -> Bool {
    switch (read.content, value) {
    case (.empty, .null): true
    case (.text(let text), .string(let string)): text == asRead(string)
    case (.text(let text), .bool), (.text(let text), .integer), (.text(let text), .number):
      text == JSONText.scalar(value)
    case (.list(let values), .array(let elements)):
      values.count == elements.count && zip(values, elements).allSatisfy(isSame)
    case (.mapping(let entries), .object(let members)):
      entries.count == members.count
        && zip(entries, members).allSatisfy { $0.key == asRead($1.key) && isSame($0.value, $1.value) }
    default: false
    }
  }

  /// Yams makes text of bytes by Foundation, which takes a mark at their start for the file's, though it was
  /// written as an escape amid the file.
  private static func asRead(_ text: String) -> String {
    text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
  }

  /// The reader of settings takes less than all YAML; and a key has at most 1024 bytes in any YAML.
  private static func isBeyondBounds(_ fault: YAMLFault, _ value: JSONValue) -> Bool {
    ["nested more than", "anchors", "given twice"].contains { fault.message.contains($0) }
      || hasLongKey(value)
  }

  private static func hasLongKey(_ value: JSONValue) -> Bool {
    switch value {
    case .array(let elements): elements.contains(where: hasLongKey)
    case .object(let members): members.contains { JSON.encode($0.key).count > 1000 || hasLongKey($0.value) }
    default: false
    }
  }
}
