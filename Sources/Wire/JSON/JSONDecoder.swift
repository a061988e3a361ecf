internal import Model

/// Swift's `Decoder` over a node: reads straight from json-c's tree. It is its own container for a single value.
struct JSONDecoder: MemberDecoder, SingleValueDecodingContainer {
  let node: JSONNode
  let path: JSONPath

  var codingPath: [any CodingKey] { path.codingPath }
  var userInfo: [CodingUserInfoKey: Any] { [:] }
  var readsOwnNames: Bool { path.isOwn }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard node.kind == .object else { throw mismatch("an object", type) }
    return KeyedDecodingContainer(JSONMembers<Key>(decoder: self))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard node.kind == .array else { throw mismatch("an array", [Any].self) }
    return JSONElements(decoder: self)
  }

  func members(_ body: (_ name: String, _ value: any Decoder) throws -> Void) throws {
    guard node.kind == .object else { throw mismatch("an object", [String: Any].self) }
    try node.eachMember { name, value in
      try body(name, JSONDecoder(node: value, path: .member(DataKey(stringValue: name), of: path)))
    }
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { node.kind == .null }

  func decode(_ type: Bool.Type) throws -> Bool { try node.boolean(at: path) }
  func decode(_ type: String.Type) throws -> String { try node.string(at: path) }
  func decode(_ type: Double.Type) throws -> Double { try node.double(at: path) }
  func decode(_ type: Float.Type) throws -> Float { Float(try node.double(at: path)) }
  func decode(_ type: Int.Type) throws -> Int { try node.integer(at: path) }
  func decode(_ type: Int8.Type) throws -> Int8 { try node.integer(at: path) }
  func decode(_ type: Int16.Type) throws -> Int16 { try node.integer(at: path) }
  func decode(_ type: Int32.Type) throws -> Int32 { try node.integer(at: path) }
  func decode(_ type: Int64.Type) throws -> Int64 { try node.integer(at: path) }
  func decode(_ type: UInt.Type) throws -> UInt { try node.integer(at: path) }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try node.integer(at: path) }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try node.integer(at: path) }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try node.integer(at: path) }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try node.integer(at: path) }

  func decode<T: Decodable>(_ type: T.Type) throws -> T { try value(of: type) }

  /// A whole `T`, with words of our own where its raw value isn't one of its cases.
  func value<T: Decodable>(of type: T.Type) throws -> T {
    do {
      return try T(from: self)
    } catch DecodingError.dataCorrupted(let context) {
      guard node.kind == .string, let cases = (type as? any CaseIterable.Type).flatMap(Self.rawCases) else {
        throw DecodingError.dataCorrupted(context)
      }
      throw corrupted("'\(node.string.beginning)' is not one of \(cases)")
    }
  }

  private static func rawCases(_ type: any CaseIterable.Type) -> String? {
    func list<E: CaseIterable>(_ type: E.Type) -> String? {
      let values = type.allCases.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
      return values.isEmpty ? nil : values.joined(separator: ", ")
    }
    return list(type)
  }

  private func mismatch(_ wanted: String, _ type: Any.Type) -> DecodingError {
    node.mismatch(wanted, type, at: path)
  }

  func corrupted(_ words: String) -> DecodingError { path.corrupted(words) }
}
