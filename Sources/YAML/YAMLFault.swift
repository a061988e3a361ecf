/// What is wrong with a file that a person wrote, and where.
package struct YAMLFault: Error, Hashable, CustomStringConvertible {
  package let file: String
  /// nil when the fault is the file itself, such as that it can't be read.
  package let line: Int?
  package let message: String

  package init(file: String, line: Int?, message: String) {
    self.file = file
    self.line = line
    self.message = message
  }

  package var description: String {
    line.map { "\(file):\($0): \(message)" } ?? "\(file): \(message)"
  }
}
