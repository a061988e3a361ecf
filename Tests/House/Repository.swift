import Foundation
import Testing

/// The checkout that these tests were compiled in.
enum Repository {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  static func folders(in path: String) throws -> Set<String> {
    let found = try FileManager.default.contentsOfDirectory(
      at: root.appending(path: path), includingPropertiesForKeys: [.isDirectoryKey])
    return Set(
      try found.filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
        .map(\.lastPathComponent))
  }

  /// Every Swift file of a module.
  static func sources(of module: String, in folder: String) throws -> [SourceFile] {
    let paths =
      FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap { $0 as? String }
      ?? []
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let whole = "\(folder)/\(path)"
      return SourceFile(path: whole, module: module, text: try text(whole))
    }
  }
}

struct SourceFile {
  let path: String
  let module: String
  let text: String

  init(path: String = "sample.swift", module: String, text: String) {
    self.path = path
    self.module = module
    self.text = text
  }

  /// The names of what it imports, whatever the access level.
  var imports: [String] {
    code.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(separator: " ").drop { $0.hasPrefix("@") }
      guard let position = words.firstIndex(of: "import"),
        words[..<position].allSatisfy(Self.levels.contains),
        position + 1 < words.endIndex
      else { return nil }
      let target = Self.kinds.contains(words[position + 1]) ? words[position + 2] : words[position + 1]
      return target.split(separator: ".").first.map(String.init)
    }
  }

  private static let levels: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
  private static let kinds: Set<Substring> = [
    "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
  ]

  /// The text without line comments; quoted text stays.
  var code: String {
    text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .map(Self.withoutComment).joined(separator: "\n")
  }

  private static func withoutComment(_ line: Substring) -> Substring {
    var isQuoted = false
    var previous: Character = " "
    for index in line.indices {
      let character = line[index]
      if character == "\"", previous != "\\" { isQuoted.toggle() }
      if character == "/", previous == "/", !isQuoted { return line[..<line.index(before: index)] }
      previous = character
    }
    return line
  }

  /// Every identifier and keyword in the code.
  var words: Set<String> {
    Set(code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
  }
}
