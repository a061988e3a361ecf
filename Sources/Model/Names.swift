/// A name that someone outside chose, checked once at the edge. The tag keeps a project's name from being
/// passed where an account's is wanted. Public, as `NameMap` is, for the sake of speed alone.
public struct Name<Tag: NameTag>: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String
  /// Of the text: names are looked up and told apart far more often than they are made. Differs from one process to the
  /// next, so that nothing is ever in its order.
  @usableFromInline let code: Int

  package init(_ text: String) throws(NameError) {
    let bytes = text.utf8
    guard let first = bytes.first else { throw NameError(kind: Tag.kind, text: text, fault: .empty) }
    guard bytes.count <= Tag.longest else {
      throw NameError(kind: Tag.kind, text: text, fault: .tooLong(Tag.longest))
    }
    guard Self.isWordByte(first), bytes.allSatisfy({ Self.isWordByte($0) || Self.isMark($0) }) else {
      throw NameError(kind: Tag.kind, text: text, fault: .characters)
    }
    self.init(made: text)
  }

  /// Only for what consists of checked names.
  init(made text: String) {
    self.text = text
    var hasher = Hasher()
    hasher.combine(text)
    code = hasher.finalize()
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private static func isMark(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+")
      || byte == UInt8(ascii: "@")
  }

  public var description: String { text }
  @inlinable public static func == (left: Name, right: Name) -> Bool {
    left.code == right.code && left.text == right.text
  }
  @inlinable public static func < (left: Name, right: Name) -> Bool { left.text < right.text }
  @inlinable public func hash(into hasher: inout Hasher) { hasher.combine(code) }
}

public protocol NameTag: Sendable {
  /// How an error calls it, such as "project name".
  static var kind: String { get }
  static var longest: Int { get }
}

public enum ProjectTag: NameTag {
  public static let kind = "project name"
  public static let longest = 64
}
public enum ClusterTag: NameTag {
  public static let kind = "cluster name"
  public static let longest = 40
}
public enum AccountTag: NameTag {
  public static let kind = "account name"
  public static let longest = 64
}
public enum UserTag: NameTag {
  public static let kind = "user name"
  public static let longest = 64
}

package typealias ProjectName = Name<ProjectTag>
package typealias ClusterName = Name<ClusterTag>
package typealias AccountName = Name<AccountTag>
package typealias UserName = Name<UserTag>

package struct NameError: Error, Equatable, CustomStringConvertible {
  package enum Fault: Equatable, Sendable {
    case empty
    case tooLong(Int)
    case characters
  }

  package let kind: String
  package let text: String
  package let fault: Fault

  package var description: String {
    switch fault {
    case .empty: "a \(kind) is missing"
    case .tooLong(let most): "a \(kind) has at most \(most) bytes; this one has \(text.utf8.count)"
    case .characters:
      "'\(text.beginning)' is not a \(kind): letters, digits and _ - . + @, the first a letter, digit or _"
    }
  }
}

extension Name: Codable {
  public init(from decoder: any Decoder) throws {
    try self.init(decoding: decoder.singleValueContainer().decode(String.self), at: decoder)
  }

  init(decoding text: String, at decoder: any Decoder) throws {
    do {
      try self.init(text)
    } catch {
      if (decoder as? any MemberDecoder)?.readsOwnNames ?? false, let name = try? Self(own: text) {
        self = name
        return
      }
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: error.description))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
