/// The codec of everything that travels or is kept as JSON. Swift's `bootTime` is `boot_time` there; names that
/// are data (`MemberDecoder`) stay as they are.
package enum JSON {
  /// Levels of arrays and objects in one another.
  package static let deepest = 64

  /// Fails as `malformed` where the bytes aren't JSON, and as `badParameters`, with the field's path, where
  /// they aren't a `T`.
  package static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws(Failure) -> T {
    try Parameters(root: JSONParser.parse(bytes)).decode(type)
  }

  /// The same for what Sluice itself has kept: there names may be of users' parts.
  package static func decode<T: Decodable>(_ type: T.Type, kept bytes: [UInt8]) throws(Failure) -> T {
    try Parameters(root: JSONParser.parse(bytes)).decode(type, readingOwnNames: true)
  }

  /// Compact, without a newline.
  package static func encode(_ value: some Encodable) -> [UInt8] {
    let output = JSONOutput()
    output.value(value)
    return output.writer.bytes
  }
}

/// A call's parameters or its result: parsed once, and read as whatever type is wanted.
package struct Parameters: Sendable {
  private let root: JSONNode

  init(root: JSONNode) { self.root = root }

  /// What a call without `params` has.
  static let none = Parameters(root: JSONDocument.emptyObject)

  package func decode<T: Decodable>(_ type: T.Type) throws(Failure) -> T {
    try decode(type, readingOwnNames: false)
  }

  fileprivate func decode<T: Decodable>(
    _ type: T.Type, readingOwnNames readsOwnNames: Bool
  ) throws(Failure) -> T {
    do {
      return try JSONDecoder(root: root, readsOwnNames: readsOwnNames).value(of: type)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw Failure(.badParameters, JSONPath.words(for: error))
    }
  }

  package var value: JSONValue { JSONValue(root) }
}
