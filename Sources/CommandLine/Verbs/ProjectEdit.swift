internal import Model

/// What `project set` was told to change.
struct ProjectEdit {
  /// `alpha`, `alpha=ACCOUNT` or `alpha=ACCOUNT:PARENT`.
  struct Binding {
    let cluster: ClusterName
    let account: AccountName?
    let parent: AccountName?

    init(parsing text: String) throws(NameError) {
      let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      cluster = try ClusterName(String(sides[0]))
      guard sides.count == 2 else {
        (account, parent) = (nil, nil)
        return
      }
      let names = sides[1].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      account = try AccountName(String(names[0]))
      parent = names.count == 2 ? try AccountName(String(names[1])) : nil
    }
  }

  /// `cpu=8,mem=16G`; as in sacctmgr, an amount of -1 takes a cap away.
  struct Limits {
    var amounts = TRESAmounts()
    var removed: [TRES] = []

    init(parsing text: String) throws(TRESError) {
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        if part.hasSuffix("=-1") {
          removed.append(try TRES(String(part.dropLast(3))))
        } else {
          for (tres, amount) in try TRESAmounts(parsing: String(part)) {
            guard amounts[tres] == nil else { throw .duplicate(tres) }
            amounts[tres] = amount
          }
        }
      }
      if let both = removed.first(where: { amounts[$0] != nil }) { throw .duplicate(both) }
    }
  }

  /// `alice=admin` or `bob=user`.
  struct Member {
    let user: UserName
    let role: MemberRole

    init(parsing text: String) throws(MemberError) {
      let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      do throws(NameError) {
        user = try UserName(String(sides[0]))
      } catch {
        throw MemberError(description: error.description)
      }
      guard sides.count == 2, let role = MemberRole(rawValue: String(sides[1])) else {
        throw MemberError(description: "it needs a role, as in \(user)=admin or \(user)=user")
      }
      self.role = role
    }
  }

  struct MemberError: Error, CustomStringConvertible {
    let description: String
  }

  var parent: ProjectName?
  var removesParent = false
  var limits: [Limits] = []
  /// What is zero is taken away.
  var borrow: [TRESAmounts] = []
  var lend: [TRESAmounts] = []
  var perUser: [Limits] = []
  var clusters: [Binding] = []
  var members: [Member] = []
  var removedLimits: [TRES] = []
  var removedClusters: [ClusterName] = []
  var removedMembers: [UserName] = []

  private var isEmpty: Bool {
    parent == nil && !removesParent && limits.isEmpty && borrow.isEmpty && lend.isEmpty && perUser.isEmpty
      && clusters.isEmpty
      && members.isEmpty
      && removedLimits.isEmpty && removedClusters.isEmpty
      && removedMembers.isEmpty
  }

  /// The project as it should be. Refuses to remove what is not there: it would be a slip.
  func applied(to existing: Project?, name: ProjectName) throws(CommandFailure) -> Project {
    guard existing == nil || !isEmpty else {
      throw .usage("nothing to change in '\(name)': see 'sluice project set --help'")
    }
    if existing == nil, limits.allSatisfy(\.amounts.isEmpty) || clusters.isEmpty {
      throw .usage("there is no project '\(name)' yet: to create it, give --limit and --cluster")
    }
    var project = existing ?? Project(name: name, limits: TRESAmounts(), clusters: [:])
    try remove(from: &project)
    if let parent { project.parent = parent }
    for (tres, amount) in limits.map(\.amounts).joined() { project.limits[tres] = amount }
    for (tres, amount) in borrow.joined() { project.borrow[tres] = amount > .zero ? amount : nil }
    for (tres, amount) in lend.joined() { project.lend[tres] = amount > .zero ? amount : nil }
    for (tres, amount) in perUser.map(\.amounts).joined() { project.perUser[tres] = amount }
    for member in members { project.members[member.user] = member.role }
    for binding in clusters {
      if let account = binding.account {
        project.clusters[binding.cluster] = ClusterBinding(account: account, parent: binding.parent)
      } else if project.clusters[binding.cluster] == nil {
        project.clusters[binding.cluster] = ClusterBinding(account: try Self.usualAccount(of: project))
      }
    }
    return project
  }

  private static func usualAccount(of project: Project) throws(CommandFailure) -> AccountName {
    do throws(NameError) {
      return try AccountName(project.name.text)
    } catch {
      throw .usage(error.description)
    }
  }

  private func remove(from project: inout Project) throws(CommandFailure) {
    if removesParent {
      guard project.parent != nil else { throw .usage("project '\(project.name)' has no parent to remove") }
      project.parent = nil
    }
    for tres in removedLimits + limits.flatMap(\.removed) {
      guard project.limits[tres] != nil else { throw Self.absent("limit", "\(tres)", of: project) }
      project.limits[tres] = nil
    }
    for tres in perUser.flatMap(\.removed) {
      guard project.perUser[tres] != nil else { throw Self.absent("cap per user", "\(tres)", of: project) }
      project.perUser[tres] = nil
    }
    for cluster in removedClusters {
      guard project.clusters[cluster] != nil else { throw Self.absent("cluster", "\(cluster)", of: project) }
      project.clusters[cluster] = nil
    }
    for user in removedMembers {
      guard project.members[user] != nil else { throw Self.absent("member", "\(user)", of: project) }
      project.members[user] = nil
    }
  }

  private static func absent(_ kind: String, _ name: String, of project: Project) -> CommandFailure {
    .usage("project '\(project.name)' has no \(kind) '\(name)' to remove")
  }
}
