/// One value of a YAML file that knows where it stands, so that each complaint about it names file, line and
/// field.
package struct YAMLValue: Sendable {
  package enum Content: Sendable {
    /// Nothing, `~` or `null`.
    case empty
    /// A plain or quoted scalar, as written: whether `8` is a number is for the reader to say.
    case text(String)
    case list([YAMLValue])
    case mapping([YAMLEntry])
  }

  package let file: String
  package let line: Int
  private let path: YAMLPath
  package let content: Content

  init(file: String, line: Int, path: YAMLPath, content: Content) {
    self.file = file
    self.line = line
    self.path = path
    self.content = content
  }

  /// The way here from the file's top, such as `projects[2].limits`; empty at the top.
  package var field: String { path.text }

  package var isEmpty: Bool {
    if case .empty = content { true } else { false }
  }

  package func fault(_ message: String) -> YAMLFault {
    let field = field
    return YAMLFault(file: file, line: line, message: field.isEmpty ? message : "\(field): \(message)")
  }

  package func text() throws(YAMLFault) -> String {
    guard case .text(let text) = content else { throw fault("this must be a single value") }
    return text
  }

  package func list() throws(YAMLFault) -> [YAMLValue] {
    guard case .list(let values) = content else {
      throw fault("this must be a list, written as [a, b] or as lines that start with '- '")
    }
    return values
  }

  /// The pairs of a mapping whose keys are data, such as the names of clusters.
  package func entries() throws(YAMLFault) -> [YAMLEntry] {
    guard case .mapping(let entries) = content else {
      throw fault("this must be a mapping, as in key: value")
    }
    return entries
  }

  /// A mapping whose keys are fixed.
  package func mapping() throws(YAMLFault) -> YAMLMapping {
    YAMLMapping(file: file, line: line, field: field, entries: try entries())
  }

  /// What `read` makes of the text; its complaint is told with the place.
  package func parsed<Result, Complaint: Error & CustomStringConvertible>(
    _ read: (String) throws(Complaint) -> Result
  ) throws(YAMLFault) -> Result {
    let text = try text()
    do {
      return try read(text)
    } catch {
      throw fault(error.description)
    }
  }
}

package struct YAMLEntry: Sendable {
  package let key: String
  package let line: Int
  package let value: YAMLValue
}
