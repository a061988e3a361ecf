import Foundation

/// One module, and what it may import.
struct Row: Equatable {
  var name: String
  var dependencies: Set<String>
  var isPure = false
}

/// The tables of `Package.swift`, as text: asking SwiftPM would wait for its lock, which `swift test` holds.
struct Manifest {
  let libraries: [Row]
  let executables: [Row]
  let tools: [Row]
  /// The folder in Tests that each tool has.
  let toolFolders: [String: String]
  let tests: [Row]
  /// Names of modules that come from packages.
  let products: Set<String>

  var modules: [Row] { libraries + executables + tools }

  /// Where a module's files are.
  func folder(of module: String) -> String {
    toolFolders[module].map { "Tests/\($0)" } ?? "Sources/\(module)"
  }

  init(_ text: String) {
    let declared = text.matches(of: /let (\w+) = Target\.Dependency\.product\(\s*name: "([\w.]+)"/)
    let names = Dictionary(
      declared.map { (String($0.output.1), String($0.output.2)) }, uniquingKeysWith: { first, _ in first })
    products = Set(names.values)
    libraries = Self.rows(of: "libraries", in: text, products: names)
    executables = Self.rows(of: "executables", in: text, products: names)
    tools = Self.rows(of: "tools", in: text, products: names)
    toolFolders = Dictionary(
      text.matches(of: /\(\s*"([\w-]+)", "(\w+)",\s*\[/).map { (String($0.output.1), String($0.output.2)) },
      uniquingKeysWith: { first, _ in first })
    tests = Self.rows(of: "tests", in: text, products: names)
  }

  private static func rows(of table: String, in text: String, products: [String: String]) -> [Row] {
    guard let start = text.range(of: "let \(table):"),
      let end = text.range(of: "\n]\n", range: start.upperBound..<text.endIndex)
    else { return [] }
    return text[start.upperBound..<end.lowerBound].matches(
      of: /\(\s*"([\w-]+)",\s*(?:"\w+",\s*)?\[([^\]]*)\]\s*,?\s*\)/
    )
    .map {
      row in
      let dependencies = row.output.2.split { ",\n ".contains($0) }.map { word in
        word.hasPrefix("\"") ? word.trimmingCharacters(in: ["\""]) : products[String(word)] ?? String(word)
      }
      return Row(name: String(row.output.1), dependencies: Set(dependencies))
    }
  }
}

/// The table of `docs/modules.md`: module, what it may import, whether it is pure.
enum ModulesPage {
  static func rows(_ text: String) -> [Row] {
    let lines = text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("|") }
    return lines.dropFirst(2).map { line in
      let cells = line.dropFirst().split(separator: "|", omittingEmptySubsequences: false)
        .map { $0.trimmingCharacters(in: .whitespaces) }
      let dependencies = cells[1].split { ", ".contains($0) }.map(String.init)
      return Row(name: cells[0], dependencies: Set(dependencies), isPure: cells[2] == "yes")
    }
  }
}
