/// An object's members, for a type to read by its coding keys.
struct JSONMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let decoder: JSONDecoder

  init(decoder: JSONDecoder) { self.decoder = decoder }

  var codingPath: [any CodingKey] { decoder.codingPath }

  var allKeys: [Key] {
    var keys: [Key] = []
    decoder.node.eachMember { name, _ in
      if let key = Key(stringValue: SnakeCase.camelCase(name)) { keys.append(key) }
    }
    return keys
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }

  func decodeNil(forKey key: Key) throws -> Bool { try node(key).kind == .null }
  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try node(key).boolean(at: path(key)) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try node(key).string(at: path(key)) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try node(key).double(at: path(key)) }
  func decode(_ type: Float.Type, forKey key: Key) throws -> Float {
    Float(try node(key).double(at: path(key)))
  }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try node(key).integer(at: path(key)) }
  func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try node(key).integer(at: path(key)) }
  func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try node(key).integer(at: path(key)) }
  func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try node(key).integer(at: path(key)) }
  func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try node(key).integer(at: path(key)) }
  func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try node(key).integer(at: path(key)) }
  func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try node(key).integer(at: path(key)) }
  func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try node(key).integer(at: path(key)) }
  func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try node(key).integer(at: path(key)) }
  func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try node(key).integer(at: path(key)) }

  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try JSONDecoder(node: node(key), path: path(key)).value(of: type)
  }

  // The protocol's own would look for the member three times.
  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try present(key)?.string(at: path(key))
  }

  func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? {
    try present(key)?.integer(at: path(key))
  }

  func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
    try present(key)?.integer(at: path(key))
  }

  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    try present(key).map { try JSONDecoder(node: $0, path: path(key)).value(of: type) }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try member(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try member(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { decoder }
  func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

  private func find(_ key: Key) -> JSONNode? { decoder.node.member(snake: key.stringValue) }

  private func present(_ key: Key) -> JSONNode? { find(key).flatMap { $0.kind == .null ? nil : $0 } }

  private func node(_ key: Key) throws -> JSONNode {
    guard let node = find(key) else {
      throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
    }
    return node
  }

  private func path(_ key: Key) -> JSONPath { .member(key, of: decoder.path) }

  private func member(_ key: Key) throws -> JSONDecoder { JSONDecoder(node: try node(key), path: path(key)) }
}

/// An array's elements, one after the other.
struct JSONElements: UnkeyedDecodingContainer {
  private let decoder: JSONDecoder
  private(set) var currentIndex = 0

  init(decoder: JSONDecoder) { self.decoder = decoder }

  var codingPath: [any CodingKey] { decoder.codingPath }
  var count: Int? { decoder.node.count }
  var isAtEnd: Bool { currentIndex >= decoder.node.count }

  /// Goes past an element only when it is null, as the protocol wants.
  mutating func decodeNil() throws -> Bool {
    let isNull = try element().decodeNil()
    if isNull { currentIndex += 1 }
    return isNull
  }

  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
    let value = try element().value(of: type)
    currentIndex += 1
    return value
  }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) throws -> KeyedDecodingContainer<Nested> {
    let container = try element().container(keyedBy: type)
    currentIndex += 1
    return container
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    let container = try element().unkeyedContainer()
    currentIndex += 1
    return container
  }

  mutating func superDecoder() throws -> any Decoder {
    let decoder = try element()
    currentIndex += 1
    return decoder
  }

  private func element() throws -> JSONDecoder {
    guard !isAtEnd else { throw decoder.corrupted("more than \(currentIndex) elements are wanted") }
    return JSONDecoder(
      node: decoder.node.element(currentIndex), path: .element(currentIndex, of: decoder.path))
  }
}
