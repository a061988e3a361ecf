/// A decoder that can tell an object's members when their names are data, such as TRES or accounts: the names are
/// taken as they stand. By a `KeyedDecodingContainer` each member would cost several times as much.
package protocol MemberDecoder: Decoder {
  /// In the order they were written. Fails where there is no object.
  func members(_ body: (_ name: String, _ value: any Decoder) throws -> Void) throws

  /// Whether it reads what Sluice itself has kept, where names of users' parts may stand (`Name.user(_:of:)`). In what
  /// comes from outside they may not.
  var readsOwnNames: Bool { get }
}

/// An encoder that can write such members.
package protocol MemberEncoder: Encoder {
  /// One object of all that `body` gives.
  func members(_ body: (_ add: (_ name: String, _ value: any Encodable) -> Void) -> Void)
}

extension Decoder {
  package func members(_ body: (_ name: String, _ value: any Decoder) throws -> Void) throws {
    guard let decoder = self as? any MemberDecoder else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: codingPath, debugDescription: "names that are data can't be read from this format"))
    }
    try decoder.members(body)
  }
}

extension Encoder {
  package func members(_ body: (_ add: (_ name: String, _ value: any Encodable) -> Void) -> Void) throws {
    guard let encoder = self as? any MemberEncoder else {
      throw EncodingError.invalidValue(
        self,
        .init(codingPath: codingPath, debugDescription: "names that are data can't be written in this format")
      )
    }
    encoder.members(body)
  }
}
