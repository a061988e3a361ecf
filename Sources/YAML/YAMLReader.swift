internal import Glibc
internal import Yams

/// Reads a YAML file into a tree, within bounds that no file can pass: its size, its depth, and no anchors,
/// through which a small file could name a tree without end.
package enum YAMLReader {
  package static let mostBytes = 16 << 20
  static let deepest = 32
  /// Text that looks like an alias is only counted, since quotes and blocks may hold it too. So few of them
  /// can't multiply a file beyond measure before the tree is looked at, and then each anchor is refused.
  static let mostStars = 8

  /// The value at the top of the file at `path`; `-` is standard input.
  package static func read(path: String) throws(YAMLFault) -> YAMLValue {
    let name = path == "-" ? "standard input" : path
    return try parse(try FileBytes.read(path: path, name: name, most: mostBytes), file: name)
  }

  package static func parse(_ bytes: [UInt8], file: String) throws(YAMLFault) -> YAMLValue {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw YAMLFault(file: file, line: nil, message: "this is not UTF-8 text")
    }
    try refuseAliases(in: bytes, file: file)
    let parser: Yams.Parser
    let root: Node?
    do {
      parser = try Yams.Parser(yaml: text, encoding: .utf8)
      root = try parser.singleRoot()
    } catch {
      throw fault(of: error, file: file)
    }
    guard let root else { return YAMLValue(file: file, line: 1, path: .top, content: .empty) }
    // The nodes hold their anchors weakly, and the parser owns them.
    return try withExtendedLifetime(parser) { () throws(YAMLFault) in
      try Conversion(file: file).value(of: root, path: .top, depth: 0)
    }
  }

  /// A comment's stars are left out: in YAML a line that starts with `#` can hold no alias.
  private static func refuseAliases(in bytes: [UInt8], file: String) throws(YAMLFault) {
    var stars = 0
    var line = 1
    var isAtLineStart = true
    var isComment = false
    var previous = UInt8(ascii: "\n")
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if byte == UInt8(ascii: "\n") { line += 1 }
        isAtLineStart = true
        isComment = false
      case UInt8(ascii: " "), UInt8(ascii: "\t"): break
      case UInt8(ascii: "#") where isAtLineStart:
        isComment = true
        isAtLineStart = false
      default:
        if byte == UInt8(ascii: "*"), !isComment, " \t\r\n[]{},:?-".utf8.contains(previous) { stars += 1 }
        isAtLineStart = false
      }
      guard stars <= mostStars else { throw noAnchors(file: file, line: line) }
      previous = byte
    }
  }

  static func noAnchors(file: String, line: Int) -> YAMLFault {
    YAMLFault(
      file: file, line: line, message: "anchors (&name) and aliases (*name) are not supported: write it out")
  }

  static func givenTwice(_ key: String, file: String, line: Int) -> YAMLFault {
    YAMLFault(file: file, line: line, message: "'\(String(key.unicodeScalars.prefix(80)))' is given twice")
  }

  private static func fault(of error: any Error, file: String) -> YAMLFault {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      YAMLFault(file: file, line: mark.line, message: "this is not YAML: \(problem)")
    case .duplicatedKeysInMapping(let keys, let context):
      givenTwice(keys.first ?? "", file: file, line: context.mark.line)
    case .reader(let problem, _, _, _):
      YAMLFault(file: file, line: nil, message: "this is not YAML: \(problem)")
    default:
      YAMLFault(file: file, line: nil, message: "this can't be read as YAML")
    }
  }
}

private struct Conversion {
  let file: String

  func value(of node: Node, path: YAMLPath, depth: Int) throws(YAMLFault) -> YAMLValue {
    let line = node.mark?.line ?? 1
    guard node.anchor == nil else { throw YAMLReader.noAnchors(file: file, line: line) }
    guard depth <= YAMLReader.deepest else {
      throw YAMLFault(file: file, line: line, message: "this is nested more than \(YAMLReader.deepest) deep")
    }
    let content: YAMLValue.Content
    switch node {
    case .scalar(let scalar): content = Self.isNull(scalar) ? .empty : .text(scalar.string)
    case .sequence(let sequence): content = .list(try items(sequence, path: path, depth: depth))
    case .mapping(let mapping): content = .mapping(try entries(mapping, path: path, depth: depth))
    case .alias: throw YAMLReader.noAnchors(file: file, line: line)
    }
    return YAMLValue(file: file, line: line, path: path, content: content)
  }

  private static func isNull(_ scalar: Node.Scalar) -> Bool {
    scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  private func items(_ nodes: Node.Sequence, path: YAMLPath, depth: Int) throws(YAMLFault) -> [YAMLValue] {
    var values: [YAMLValue] = []
    for (index, node) in nodes.enumerated() {
      values.append(try value(of: node, path: .item(index, of: path), depth: depth + 1))
    }
    return values
  }

  private func entries(_ nodes: Node.Mapping, path: YAMLPath, depth: Int) throws(YAMLFault) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    var keys: Set<String> = []
    for (keyNode, node) in nodes {
      let line = keyNode.mark?.line ?? 1
      guard keyNode.anchor == nil else { throw YAMLReader.noAnchors(file: file, line: line) }
      guard case .scalar(let scalar) = keyNode else {
        throw YAMLFault(file: file, line: line, message: "a key must be a single word")
      }
      // Yams takes `1` and `"1"` for two keys, a number and a text.
      guard keys.insert(scalar.string).inserted else {
        throw YAMLReader.givenTwice(scalar.string, file: file, line: line)
      }
      let value = try value(of: node, path: .member(scalar.string, of: path), depth: depth + 1)
      entries.append(YAMLEntry(key: scalar.string, line: line, value: value))
    }
    return entries
  }
}
