internal import Model

/// The names in a world, made once.
struct WorldNames {
  let clusters: [ClusterName]
  let projects: [ProjectName]
  let accounts: [AccountName]
  /// The projects, and two that are none: in clusters without trees only siblings matter.
  let parents: [ProjectName]

  static let most = 8
  static let strangers = [most, most + 1]

  static let all = WorldNames(
    clusters: (0..<most).map { name("c\($0)") }, projects: (0..<most).map { name("p\($0)") },
    accounts: (0..<most).map { name("a\($0)") },
    parents: (0..<most).map { name("p\($0)") } + [name("all"), name("others")])

  private static func name<Tag: NameTag>(_ text: String) -> Name<Tag> {
    do { return try Name<Tag>(text) } catch { preconditionFailure("\(error)") }
  }

  func cluster(_ name: ClusterName) -> Int { Self.index(of: name, in: clusters) }
  func project(_ name: ProjectName) -> Int { Self.index(of: name, in: projects) }
  func account(_ name: AccountName) -> Int { Self.index(of: name, in: accounts) }

  private static func index<Tag: NameTag>(of name: Name<Tag>, in names: [Name<Tag>]) -> Int {
    guard let index = names.firstIndex(of: name) else { preconditionFailure("\(name) is not in the world") }
    return index
  }
}
