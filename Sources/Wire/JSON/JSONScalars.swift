// Reading a value as one that has no parts.
extension JSONDecoder {
  func boolean() throws -> Bool {
    guard node.kind == .boolean else { throw mismatch("true or false", Bool.self) }
    return node.boolean
  }

  func string() throws -> String {
    guard node.kind == .string else { throw mismatch("a string", String.self) }
    return node.string
  }

  func double() throws -> Double {
    switch node.kind {
    case .integer: return Double(node.integer)
    case .double: return node.double
    default: throw mismatch("a number", Double.self)
    }
  }

  func integer<T: FixedWidthInteger>() throws -> T {
    let exact: T?
    switch node.kind {
    case .integer: exact = T(exactly: node.integer)
    case .double:
      exact = T(exactly: node.double)
      guard exact != nil || node.double.rounded() == node.double else {
        throw corrupted("must be a whole number")
      }
    default: throw mismatch("a whole number", T.self)
    }
    guard let exact else { throw corrupted("must be from \(T.min) to \(T.max)") }
    return exact
  }

  func mismatch(_ wanted: String, _ type: Any.Type) -> DecodingError {
    let found =
      switch node.kind {
      case .null: "null"
      case .boolean: "true or false"
      case .integer, .double: "a number"
      case .string: "a string"
      case .array: "an array"
      case .object: "an object"
      }
    let context = DecodingError.Context(
      codingPath: codingPath, debugDescription: "must be \(wanted), not \(found)")
    return node.kind == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
  }

  func corrupted(_ words: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: words))
  }
}
