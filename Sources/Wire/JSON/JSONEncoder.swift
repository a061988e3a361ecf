internal import Model

/// Swift's `Encoder` over what is written. It writes as it goes: nothing is kept but the bytes. A type may have one
/// container open within another, but must be done with the inner one before it goes on with the outer.
struct JSONEncoder: MemberEncoder, SingleValueEncodingContainer {
  let output: JSONOutput
  /// How many containers are around the value.
  let depth: Int

  var codingPath: [any CodingKey] { [] }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    if output.writer.depth == depth { output.writer.open(object: true) }
    return KeyedEncodingContainer(JSONMemberWriter<Key>(output: output, depth: depth + 1))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    if output.writer.depth == depth { output.writer.open(object: false) }
    return JSONElementWriter(output: output, depth: depth + 1)
  }

  func members(_ body: (_ add: (_ name: String, _ value: any Encodable) -> Void) -> Void) {
    if output.writer.depth == depth { output.writer.open(object: true) }
    body { name, value in
      output.writer.close(to: depth + 1)
      output.writer.key(verbatim: name)
      output.value(value)
    }
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { output.writer.null() }
  func encode(_ value: Bool) { output.writer.boolean(value) }
  func encode(_ value: String) { output.writer.string(value) }
  func encode(_ value: Double) { output.writer.number(value) }
  func encode(_ value: Float) { output.writer.number(value) }
  func encode(_ value: Int) { output.writer.integer(value) }
  func encode(_ value: Int8) { output.writer.integer(value) }
  func encode(_ value: Int16) { output.writer.integer(value) }
  func encode(_ value: Int32) { output.writer.integer(value) }
  func encode(_ value: Int64) { output.writer.integer(value) }
  func encode(_ value: UInt) { output.writer.integer(value) }
  func encode(_ value: UInt8) { output.writer.integer(value) }
  func encode(_ value: UInt16) { output.writer.integer(value) }
  func encode(_ value: UInt32) { output.writer.integer(value) }
  func encode(_ value: UInt64) { output.writer.integer(value) }
  func encode<T: Encodable>(_ value: T) { output.value(value) }
}

struct JSONMemberWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let output: JSONOutput
  let depth: Int

  var codingPath: [any CodingKey] { [] }

  private func member(_ key: Key) -> JSONOutput {
    output.writer.close(to: depth)
    output.writer.key(snake: key.stringValue)
    return output
  }

  func encodeNil(forKey key: Key) { member(key).writer.null() }
  func encode(_ value: Bool, forKey key: Key) { member(key).writer.boolean(value) }
  func encode(_ value: String, forKey key: Key) { member(key).writer.string(value) }
  func encode(_ value: Double, forKey key: Key) { member(key).writer.number(value) }
  func encode(_ value: Float, forKey key: Key) { member(key).writer.number(value) }
  func encode(_ value: Int, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: Int8, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: Int16, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: Int32, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: Int64, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: UInt, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: UInt8, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: UInt16, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: UInt32, forKey key: Key) { member(key).writer.integer(value) }
  func encode(_ value: UInt64, forKey key: Key) { member(key).writer.integer(value) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) { member(key).value(value) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    JSONEncoder(output: member(key), depth: depth).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    JSONEncoder(output: member(key), depth: depth).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { JSONEncoder(output: output, depth: depth - 1) }
  func superEncoder(forKey key: Key) -> any Encoder { JSONEncoder(output: member(key), depth: depth) }
}

struct JSONElementWriter: UnkeyedEncodingContainer {
  let output: JSONOutput
  let depth: Int
  private(set) var count = 0

  init(output: JSONOutput, depth: Int) {
    self.output = output
    self.depth = depth
  }

  var codingPath: [any CodingKey] { [] }

  private mutating func element() -> JSONOutput {
    output.writer.close(to: depth)
    count += 1
    return output
  }

  mutating func encodeNil() { element().writer.null() }
  mutating func encode<T: Encodable>(_ value: T) { element().value(value) }

  mutating func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type
  ) -> KeyedEncodingContainer<Nested> {
    JSONEncoder(output: element(), depth: depth).container(keyedBy: type)
  }

  mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
    JSONEncoder(output: element(), depth: depth).unkeyedContainer()
  }

  mutating func superEncoder() -> any Encoder { JSONEncoder(output: element(), depth: depth) }
}
