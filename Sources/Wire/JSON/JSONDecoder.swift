internal import Model

/// Swift's `Decoder` over a node. It is its own container for a single value.
struct JSONDecoder: MemberDecoder, SingleValueDecodingContainer {
  let node: JSONNode
  /// Where what is decoded begins in the document: an error tells where in that it is.
  private let root: UInt32
  let readsOwnNames: Bool

  /// For a whole value. `readsOwnNames` is for what Sluice itself has kept.
  init(root: JSONNode, readsOwnNames: Bool) {
    node = root
    self.root = root.narrowPlace
    self.readsOwnNames = readsOwnNames
  }

  private init(node: JSONNode, in whole: JSONDecoder) {
    self.node = node
    root = whole.root
    readsOwnNames = whole.readsOwnNames
  }

  func part(_ node: JSONNode) -> JSONDecoder { JSONDecoder(node: node, in: self) }

  var codingPath: [any CodingKey] { node.path(from: root) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

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
      try body(name, part(value))
    }
  }

  func singleValueContainer() throws -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { node.kind == .null }

  func decode(_ type: Bool.Type) throws -> Bool { try boolean() }
  func decode(_ type: String.Type) throws -> String { try string() }
  func decode(_ type: Double.Type) throws -> Double { try double() }
  func decode(_ type: Float.Type) throws -> Float { Float(try double()) }
  func decode(_ type: Int.Type) throws -> Int { try integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try integer() }

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
}
