internal import Core
internal import Glibc
internal import Model
internal import Quota
internal import Transport
internal import Wire

/// What a caller may do. Known by the credentials that the kernel vouches for, never by what is said.
enum Role: String, Comparable, Sendable {
  case anyone
  /// A member of the project concerned.
  case projectUser = "project user"
  /// An admin among them: manages queues and members, never the quota.
  case projectAdmin = "project admin"
  case administrator

  private var rank: Int {
    switch self {
    case .anyone: 0
    case .projectUser: 1
    case .projectAdmin: 2
    case .administrator: 3
    }
  }

  static func < (left: Role, right: Role) -> Bool { left.rank < right.rank }
}

struct Caller: Sendable {
  let name: String
  let isAdministrator: Bool

  init(_ peer: Peer, settings: CoordinatorSettings) {
    let user = peer.userName
    name = user ?? "uid \(peer.uid)"
    isAdministrator =
      peer.uid == 0 || peer.uid == geteuid() || (user.map { settings.administrators.contains($0) } ?? false)
  }

  /// Whoever is a member of a project is one of all below it.
  func role(in project: ProjectName?, of state: State) -> Role {
    if isAdministrator { return .administrator }
    guard let project, let user = try? UserName(name) else { return .anyone }
    let roles = state.lineage(of: project).compactMap { $0.project.members[user] }
    return roles.contains(.admin) ? .projectAdmin : roles.isEmpty ? .anyone : .projectUser
  }

  func require(
    _ role: Role, in project: ProjectName? = nil, of state: State, for method: String
  ) throws(Failure) {
    guard self.role(in: project, of: state) < role else { return }
    let cure =
      role == .administrator
      ? "ask an administrator of Sluice; they are listed in sluiced.yaml under 'administrators'"
      : "ask to become a member of the project"
    throw Failure(
      .forbidden, "user \(name) may not call \(method): it takes the role \(role.rawValue); \(cure)")
  }
}
