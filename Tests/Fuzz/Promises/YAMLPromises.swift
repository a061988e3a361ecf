@testable import YAML

/// A file is read within its bounds, or refused with the place where it is wrong.
enum YAMLPromises {
  static let file = "f.yaml"

  static func check(_ bytes: [UInt8]) throws(Broken) {
    switch attempt({ () throws(YAMLFault) in try YAMLReader.parse(bytes, file: file) }) {
    case .success(let top):
      let lines = bytes.count { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } + 1
      try walk(top, lines: lines, depth: 0)
      try checkSettings(top)
    case .failure(let fault): try checkWords(fault)
    }
  }

  static func checkWords(_ fault: YAMLFault) throws(Broken) {
    try promise(fault.file == file && fault.description.hasPrefix(file + ":"), "the file is not named")
    try promise(!fault.message.isEmpty, "a fault has no words")
    try promise(fault.message.utf8.count <= 4000, "a message has \(fault.message.utf8.count) bytes")
    try promise(fault.line ?? 1 >= 1, "line \(fault.line ?? 0) is named")
  }

  private static func walk(_ value: YAMLValue, lines: Int, depth: Int) throws(Broken) {
    try promise(depth <= YAMLReader.deepest, "nested \(depth) deep")
    // Next line and the two separators of Unicode end lines in YAML, and are not counted here.
    try promise(value.line >= 1, "\(value.field) is in line \(value.line) of \(lines)")
    switch value.content {
    case .empty, .text: break
    case .list(let values):
      for value in values { try walk(value, lines: lines, depth: depth + 1) }
    case .mapping(let entries):
      try promise(Set(entries.map(\.key)).count == entries.count, "a key is there twice: \(entries)")
      for entry in entries { try walk(entry.value, lines: lines, depth: depth + 1) }
    }
  }

  private enum Level: String, CaseIterable { case high, low }

  /// As a service reads its settings.
  private static func checkSettings(_ top: YAMLValue) throws(Broken) {
    let read = attempt { () throws(YAMLFault) in
      var settings = try top.mapping()
      _ = try settings.text("socket")
      _ = try settings.texts("allow")
      _ = try settings.choice("level", of: Level.self)
      for var agent in try settings.mappings("agents") ?? [] {
        guard try agent.text("cluster") != nil else { throw agent.missing("cluster") }
        try agent.refuse(["later": "not now"])
        try agent.finish()
      }
      try settings.finish()
    }
    if case .failure(let fault) = read { try checkWords(fault) }
  }
}
