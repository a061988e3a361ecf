// Reading a value as one that has no parts. Where it stands is worked out only for an error.
extension JSONNode {
  func boolean(at path: @autoclosure () -> JSONPath) throws -> Bool {
    guard kind == .boolean else { throw mismatch("true or false", Bool.self, at: path()) }
    return boolean
  }

  func string(at path: @autoclosure () -> JSONPath) throws -> String {
    guard kind == .string else { throw mismatch("a string", String.self, at: path()) }
    return string
  }

  func double(at path: @autoclosure () -> JSONPath) throws -> Double {
    switch kind {
    case .integer: return Double(integer)
    case .double: return double
    default: throw mismatch("a number", Double.self, at: path())
    }
  }

  func integer<T: FixedWidthInteger>(at path: @autoclosure () -> JSONPath) throws -> T {
    let exact: T?
    switch kind {
    case .integer: exact = T(exactly: integer)
    case .double:
      exact = T(exactly: double)
      guard exact != nil || double.rounded() == double else {
        throw path().corrupted("must be a whole number")
      }
    default: throw mismatch("a whole number", T.self, at: path())
    }
    guard let exact else { throw path().corrupted("must be from \(T.min) to \(T.max)") }
    return exact
  }

  func mismatch(_ wanted: String, _ type: Any.Type, at path: JSONPath) -> DecodingError {
    let found =
      switch kind {
      case .null: "null"
      case .boolean: "true or false"
      case .integer, .double: "a number"
      case .string: "a string"
      case .array: "an array"
      case .object: "an object"
      }
    let context = DecodingError.Context(
      codingPath: path.codingPath, debugDescription: "must be \(wanted), not \(found)")
    return kind == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }
}
