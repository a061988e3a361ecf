internal import Model

/// The names in a world, made once.
struct WorldNames {
  let clusters: [ClusterName]
  let projects: [ProjectName]
  let accounts: [AccountName]
  let parent: ProjectName

  static let most = 8

  static let all = WorldNames(
    clusters: (0..<most).map { name("c\($0)") }, projects: (0..<most).map { name("p\($0)") },
    accounts: (0..<most).map { name("a\($0)") }, parent: name("all"))

  private static func name<Tag: NameTag>(_ text: String) -> Name<Tag> {
    do { return try Name<Tag>(text) } catch { preconditionFailure("\(error)") }
  }

  func cluster(_ name: ClusterName) -> Int { Self.index(of: name, in: clusters) }
  func project(_ name: ProjectName) -> Int { Self.index(of: name, in: projects) }

  private static func index<Tag: NameTag>(of name: Name<Tag>, in names: [Name<Tag>]) -> Int {
    guard let index = names.firstIndex(of: name) else { preconditionFailure("\(name) is not in the world") }
    return index
  }
}
