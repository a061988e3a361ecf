/// A name whose bearer has a part for each user: a project, of which each member may have a quota of his own; and an
/// account, in which each user has an association.
public protocol SharedTag: NameTag {}

extension ProjectTag: SharedTag {}
extension AccountTag: SharedTag {}

extension Name where Tag: SharedTag {
  /// The name of that user's part of `whole`: the one place that makes such a name. Its mark is one that no name from
  /// outside can have, so that the two never clash.
  package static func user(_ user: UserName, of whole: Name) -> Name {
    Name(made: "\(whole.text)\(OwnNames.mark)\(user.text)")
  }

  /// What `user(_:of:)` was given; nil for a name that is a whole's.
  package var parts: (whole: Name, user: UserName)? {
    guard let sides = OwnNames.sides(of: text) else { return nil }
    return (Name(made: String(sides.0)), UserName(made: String(sides.1)))
  }

  /// As two fields have it.
  package var placed: (whole: Name, user: UserName?) { parts.map { ($0.whole, $0.user) } ?? (self, nil) }

  /// The whole that this is a part of, or itself.
  package var whole: Name { parts?.whole ?? self }

  package var isOfUser: Bool { OwnNames.sides(of: text) != nil }
}

private enum OwnNames {
  static let mark: Character = ":"

  static func sides(of text: String) -> (Substring, Substring)? {
    guard let place = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    return (text[..<place], text[text.utf8.index(after: place)...])
  }
}

extension Name {
  /// A name as Sluice itself has kept it: also one of a user's part.
  package init(own text: String) throws(NameError) {
    guard Tag.self is any SharedTag.Type, let (whole, user) = OwnNames.sides(of: text) else {
      try self.init(text)
      return
    }
    let names = (try Self(String(whole)), try UserName(ownUser: user))
    self.init(made: "\(names.0.text)\(OwnNames.mark)\(names.1.text)")
  }
}

extension Name where Tag: SharedTag {
  /// Such as `genomics` or `user alice of genomics`.
  package var inWords: String { parts.map { "user \($0.user.inWords) of \($0.whole)" } ?? text }
}

// A user by a name that a cluster had for him before: one more part, marked in the same way.
extension Name where Tag == UserTag {
  package static func former(_ name: UserName, in cluster: ClusterName, of user: UserName) -> UserName {
    UserName(made: [user.text, cluster.text, name.text].joined(separator: String(OwnNames.mark)))
  }

  package var isFormer: Bool { OwnNames.sides(of: text) != nil }

  /// Such as `alice` or `alice (asmith in alpha before)`.
  package var inWords: String {
    guard let (user, rest) = OwnNames.sides(of: text), let (cluster, name) = OwnNames.sides(of: String(rest))
    else {
      return text
    }
    return "\(user) (\(name) in \(cluster) before)"
  }

  /// He himself.
  package var current: UserName { OwnNames.sides(of: text).map { UserName(made: String($0.0)) } ?? self }

  fileprivate init(ownUser text: Substring) throws(NameError) {
    let parts = text.split(separator: OwnNames.mark, omittingEmptySubsequences: false)
    guard parts.count == 3 else {
      try self.init(String(text))
      return
    }
    self = .former(
      try UserName(String(parts[2])), in: try ClusterName(String(parts[1])),
      of: try UserName(String(parts[0])))
  }
}

/// How users are called in clusters where they have another name than here.
package typealias UserMap = NameMap<ClusterTag, NameMap<UserTag, UserName>>

extension Name where Tag == AccountTag {
  /// Such as `account genomics` or `user alice of account genomics`.
  package var words: String {
    parts.map { "user \($0.user) of account \($0.whole)" } ?? "account \(text)"
  }
}
