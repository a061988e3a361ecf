/// A mapping with fixed keys. Each key is asked for once; `finish` then refuses those that no one asked for,
/// so that a misspelt setting is never silently without effect.
package struct YAMLMapping: Sendable {
  private let file: String
  private let line: Int
  private let field: String
  private let entries: [YAMLEntry]
  private var asked: [String] = []

  package init(file: String, line: Int, field: String, entries: [YAMLEntry]) {
    self.file = file
    self.line = line
    self.field = field
    self.entries = entries
  }

  /// What a file that isn't there says: nothing.
  package init(nothingIn file: String) { self.init(file: file, line: 1, field: "", entries: []) }

  /// The value of `key`; nil when it is absent or empty.
  package mutating func value(_ key: String) -> YAMLValue? {
    asked.append(key)
    guard let entry = entries.first(where: { $0.key == key }), !entry.value.isEmpty else { return nil }
    return entry.value
  }

  package mutating func text(_ key: String) throws(YAMLFault) -> String? { try value(key)?.text() }

  package mutating func texts(_ key: String) throws(YAMLFault) -> [String]? {
    guard let values = try value(key)?.list() else { return nil }
    var texts: [String] = []
    for value in values { texts.append(try value.text()) }
    return texts
  }

  package mutating func mappings(_ key: String) throws(YAMLFault) -> [YAMLMapping]? {
    guard let values = try value(key)?.list() else { return nil }
    var mappings: [YAMLMapping] = []
    for value in values { mappings.append(try value.mapping()) }
    return mappings
  }

  /// One of the words of `type`.
  package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ key: String, of type: Choice.Type
  ) throws(YAMLFault) -> Choice? {
    guard let value = value(key) else { return nil }
    let text = try value.text()
    guard let choice = Choice(rawValue: text) else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw value.fault("'\(String(text.unicodeScalars.prefix(80)))' is not one of \(words)")
    }
    return choice
  }

  /// What `read` makes of the text, such as a checked name.
  package mutating func parsed<Result, Complaint: Error & CustomStringConvertible>(
    _ key: String, _ read: (String) throws(Complaint) -> Result
  ) throws(YAMLFault) -> Result? {
    guard let value = value(key) else { return nil }
    return try value.parsed(read)
  }

  /// The complaint that `key`, which must be there, is not.
  package func missing(_ key: String) -> YAMLFault {
    YAMLFault(file: file, line: line, message: "\(path(key)): this must be given")
  }

  /// Refuses the keys of `reasons`, each with its reason.
  package func refuse(_ reasons: [String: String]) throws(YAMLFault) {
    for entry in entries {
      guard let reason = reasons[entry.key] else { continue }
      throw YAMLFault(file: file, line: entry.line, message: "\(path(entry.key)): \(reason)")
    }
  }

  /// Refuses what was not asked for. Call it when all else is read.
  package func finish() throws(YAMLFault) {
    guard let unknown = entries.first(where: { !asked.contains($0.key) }) else { return }
    let known = asked.joined(separator: ", ")
    throw YAMLFault(
      file: file, line: unknown.line,
      message:
        "\(path(String(unknown.key.unicodeScalars.prefix(80)))): there is no such setting: known here are \(known)"
    )
  }

  private func path(_ key: String) -> String { field.isEmpty ? key : "\(field).\(key)" }
}
