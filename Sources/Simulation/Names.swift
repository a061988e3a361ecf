internal import Model

/// The names in a world, made once.
struct WorldNames {
  let clusters: [ClusterName]
  /// Of the projects, then of each project's users, as accounts are numbered.
  let projects: [ProjectName]
  let accounts: [AccountName]
  let users: [UserName]
  /// The projects, and two that are none: in clusters without trees only siblings matter.
  let parents: [ProjectName]

  static let most = 8
  static let strangers = [most, most + 1]

  /// Of a world with so many projects.
  static let tables = (0...most).map { WorldNames(projects: $0) }

  private init(projects count: Int) {
    let wholes: [ProjectName] = (0..<Self.most).map { Self.name("p\($0)") }
    let users: [UserName] = (0..<People.most).map { Self.name("u\($0)") }
    let accounts: [AccountName] = (0..<count).map { Self.name("a\($0)") }
    let people = People(projects: count, count: People.most)
    let parts = people.parts
    self.users = users
    clusters = (0..<Self.most).map { Self.name("c\($0)") }
    projects =
      wholes.prefix(count)
      + parts.map { .user(users[people.user(of: $0)], of: wholes[people.project(of: $0)]) }
    self.accounts =
      accounts + parts.map { .user(users[people.user(of: $0)], of: accounts[people.project(of: $0)]) }
    parents = wholes + [Self.name("all"), Self.name("others")]
  }

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

/// How a world numbers what has limits: its projects' accounts, then in each of them each user's association, which lies
/// below the account. In most worlds there are no users.
struct People: Equatable {
  let projects: Int
  let count: Int

  static let most = 2

  var parts: Range<Int> { projects..<projects * (1 + count) }

  func part(_ user: Int, of project: Int) -> Int { projects + project * count + user }
  func user(of part: Int) -> Int { (part - projects) % count }
  func project(of part: Int) -> Int { (part - projects) / count }
  func isPart(_ index: Int) -> Bool { index >= projects }
  func parts(of project: Int) -> Range<Int> { part(0, of: project)..<part(count, of: project) }
}
