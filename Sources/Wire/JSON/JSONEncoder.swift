internal import Model

/// Swift's `Encoder` over a writer. It writes as it goes: nothing is kept but the bytes. A type may have one
/// container open within another, but must be done with the inner one before it goes on with the outer.
struct JSONEncoder: Encoder, SingleValueEncodingContainer {
  let writer: JSONWriter
  /// How many containers are around the value.
  let depth: Int

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if writer.depth == depth { writer.open(object: true) }
    return KeyedEncodingContainer(JSONMemberWriter<Key>(writer: writer, depth: depth + 1))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if writer.depth == depth { writer.open(object: false) }
    return JSONElementWriter(writer: writer, depth: depth + 1)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { writer.null() }
  func encode(_ value: Bool) { writer.boolean(value) }
  func encode(_ value: String) { writer.string(value) }
  func encode(_ value: Double) { writer.number(value) }
  func encode(_ value: Float) { writer.number(value) }
  func encode(_ value: Int) { writer.integer(value) }
  func encode(_ value: Int8) { writer.integer(value) }
  func encode(_ value: Int16) { writer.integer(value) }
  func encode(_ value: Int32) { writer.integer(value) }
  func encode(_ value: Int64) { writer.integer(value) }
  func encode(_ value: UInt) { writer.integer(value) }
  func encode(_ value: UInt8) { writer.integer(value) }
  func encode(_ value: UInt16) { writer.integer(value) }
  func encode(_ value: UInt32) { writer.integer(value) }
  func encode(_ value: UInt64) { writer.integer(value) }
  func encode<T: Encodable>(_ value: T) { writer.value(value) }
}

struct JSONMemberWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let writer: JSONWriter
  let depth: Int

  var codingPath: [any CodingKey] { [] }

  private static var isVerbatim: Bool { Key.self == VerbatimKey.self }

  private func member(_ key: Key) -> JSONWriter {
    writer.close(to: depth)
    let name = key.stringValue
    if Self.isVerbatim { writer.key(verbatim: name) } else { writer.key(snake: name) }
    return writer
  }

  func encodeNil(forKey key: Key) { member(key).null() }
  func encode(_ value: Bool, forKey key: Key) { member(key).boolean(value) }
  func encode(_ value: String, forKey key: Key) { member(key).string(value) }
  func encode(_ value: Double, forKey key: Key) { member(key).number(value) }
  func encode(_ value: Float, forKey key: Key) { member(key).number(value) }
  func encode(_ value: Int, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: Int8, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: Int16, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: Int32, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: Int64, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: UInt, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: UInt8, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: UInt16, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: UInt32, forKey key: Key) { member(key).integer(value) }
  func encode(_ value: UInt64, forKey key: Key) { member(key).integer(value) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) { member(key).value(value) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    JSONEncoder(writer: member(key), depth: depth).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    JSONEncoder(writer: member(key), depth: depth).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { JSONEncoder(writer: writer, depth: depth - 1) }
  func superEncoder(forKey key: Key) -> any Encoder { JSONEncoder(writer: member(key), depth: depth) }
}

struct JSONElementWriter: UnkeyedEncodingContainer {
  let writer: JSONWriter
  let depth: Int
  private(set) var count = 0

  init(writer: JSONWriter, depth: Int) {
    self.writer = writer
    self.depth = depth
  }

  var codingPath: [any CodingKey] { [] }

  private mutating func element() -> JSONWriter {
    writer.close(to: depth)
    count += 1
    return writer
  }

  mutating func encodeNil() { element().null() }
  mutating func encode<T: Encodable>(_ value: T) { element().value(value) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    JSONEncoder(writer: element(), depth: depth).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    JSONEncoder(writer: element(), depth: depth).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { JSONEncoder(writer: element(), depth: depth) }
}
