package import Model
internal import Quota

// Caps per user. Where a project has some, each of its members has a quota of his own, with their associations in the
// project's accounts as its accounts. It is divided, written, read back and kept as a project's is, by the same code, but is
// nobody's project: `projectNames` doesn't have it, nothing is above or below it, and it neither borrows nor lends. It
// comes and goes with the project's caps per user and its members.
extension State {
  /// Who has a quota of his own in the project, or native limits of one that are still to be lifted; in order.
  package func users(of project: ProjectName) -> [UserName] { usersOfProject[project] ?? [] }

  /// The same without the names that some had before.
  package func people(of project: ProjectName) -> [UserName] { users(of: project).filter { !$0.isFormer } }

  /// All that the ledger has a record of: projects, and users' quotas.
  package var quotaNames: [ProjectName] {
    let ofUsers = usersOfProject.flatMap { project, users in users.map { ProjectName.user($0, of: project) } }
    return (projectNames + ofUsers).sorted()
  }

  /// What the cluster calls him.
  package func name(of user: UserName, in cluster: ClusterName) -> UserName {
    userMap[cluster]?[user] ?? user
  }

  /// His association in the project's account there.
  package func association(of user: UserName, in cluster: ClusterName, _ binding: ClusterBinding)
    -> AccountName
  {
    .user(name(of: user, in: cluster), of: binding.account)
  }

  // MARK: The lists of names, which tell the two kinds apart

  mutating func enroll(_ name: ProjectName) {
    if let (project, user) = name.parts {
      let users = users(of: project)
      usersOfProject[project, default: []].insert(user, at: users.partitionPoint { $0 < user })
      if user.isFormer { usersWithFormers.insert(name.current) }
    } else {
      projectNames.insert(name, at: projectNames.partitionPoint { $0 < name })
    }
  }

  mutating func strike(_ name: ProjectName) {
    if let (project, user) = name.parts {
      usersOfProject[project]?.removeAll { $0 == user }
      if usersOfProject[project]?.isEmpty ?? false { usersOfProject[project] = nil }
    } else {
      projectNames.remove(at: projectNames.partitionPoint { $0 < name })
    }
  }

  // MARK: Coming and going

  /// Gives each member the quota that the project's caps per user say, and takes those of all others back: their native
  /// limits are lifted first.
  mutating func reviseUsers(of name: ProjectName, at now: Timestamp, in step: inout Step) {
    let mayHaveUsers = projects.update(name) { !$0.project.perUser.isEmpty } ?? false
    guard mayHaveUsers || usersOfProject[name] != nil, let quota = projects[name] else { return }
    let members = mayHaveUsers ? quota.project.members.names : []
    for user in members {
      revise(grant(to: user, of: quota.project), in: quota.project, at: now, step: &step)
    }
    for user in users(of: name) {
      let own = ProjectName.user(user, of: name)
      guard mayHaveUsers, quota.project.members[user.current] != nil else {
        dismiss(own, from: quota.project, at: now, in: &step)
        continue
      }
      if user.isFormer { reviseFormer(own, to: quota.project.perUser, at: now, in: &step) }
    }
    claimAssociations(in: name, at: now, step: &step)
  }

  /// Takes a user's caps back, and has his native limits lifted: those of his own associations. Where another of the same name
  /// has it, there is nothing to lift.
  private mutating func dismiss(
    _ name: ProjectName, from project: Project, at now: Timestamp, in step: inout Step
  ) {
    guard var grant = projects[name]?.project else { return }
    grant.limits = [:]
    revise(grant, in: project, at: now, step: &step)
    for (cluster, share) in projects[name]?.shares ?? [:] where !share.cleared.isEmpty {
      let owner = clusters.read(cluster) { $0.projectOfAccount[share.account] } ?? nil
      if let owner, owner != name {
        record(.share(name, cluster, .confirmed(boot: nil)), at: now, in: &step)
      }
    }
    endIfDone(name, at: now, in: &step)
  }

  /// While two were called the same, one of them had the association, and it is nobody's since he has another. Its limits may
  /// be his, or lifted.
  private mutating func claimAssociations(in project: ProjectName, at now: Timestamp, step: inout Step) {
    for user in users(of: project) {
      let name = ProjectName.user(user, of: project)
      for (cluster, share) in projects[name]?.shares ?? [:] {
        let isClaimed = clusters.update(cluster) { state in
          guard state.projectOfAccount[share.account] == nil else { return false }
          state.projectOfAccount[share.account] = name
          return true
        }
        guard isClaimed ?? false else { continue }
        record(.share(name, cluster, .due), at: now, in: &step)
        step.effects.append(.follow(cluster))
      }
    }
  }

  /// A user's quota without caps goes with the last of its native limits.
  mutating func endIfDone(_ name: ProjectName, at now: Timestamp, in step: inout Step) {
    guard projects.update(name, { $0.hasEnded }) ?? false, let project = name.parts?.whole else { return }
    delete(name, at: now, in: &step)
    claimAssociations(in: project, at: now, step: &step)
  }

  private mutating func revise(
    _ grant: Project, in project: Project, at now: Timestamp, step: inout Step
  ) {
    guard projects[grant.name]?.project != grant else { return }
    leaveNames(for: grant, in: project, at: now, in: &step)
    set(grant, true, at: now, in: &step)
  }

  private func grant(to user: UserName, of project: Project) -> Project {
    var clusters = NameMap<ClusterTag, ClusterBinding>()
    for (cluster, binding) in project.clusters {
      clusters[cluster] = ClusterBinding(account: association(of: user, in: cluster, binding))
    }
    return Project(name: .user(user, of: project.name), limits: project.perUser, clusters: clusters)
  }
}

// What can be wrong with them.
extension State {
  func userRefusals(for project: Project) -> [Refusal] {
    mergedUsers(of: project).map { .sameUser($0.user, $0.other, $0.cluster, $0.name) }
  }

  /// Two members who have one name in a cluster, by the map.
  struct MergedUsers: Hashable, Sendable {
    let user: UserName
    let other: UserName
    let cluster: ClusterName
    let name: UserName
  }

  private func mergedUsers(of project: Project) -> [MergedUsers] {
    project.clusters.names.filter { userMap[$0] != nil }.flatMap { cluster in
      var owners: [UserName: UserName] = [:]
      return project.members.names.compactMap { user in
        let name = name(of: user, in: cluster)
        defer { owners[name] = user }
        return owners[name].map { MergedUsers(user: user, other: $0, cluster: cluster, name: name) }
      }
    }
  }

  /// Keeps true who is merged in a project: it depends on the project and the map alone, and is asked for at each step.
  mutating func noteMergedUsers(of name: ProjectName, in project: Project?) {
    let merged = project.map { $0.perUser.isEmpty ? [] : mergedUsers(of: $0) } ?? []
    mergedUsers[name] = merged.isEmpty ? nil : merged
  }

  /// The map may have come after the project: then one association can't hold two of its members.
  func mergedUserGaps(of project: Project) -> [LimitGap] {
    (mergedUsers[project.name] ?? []).map { merged in
      LimitGap(
        account: project.clusters[merged.cluster]?.account, tres: nil,
        reason:
          "\(merged.cluster): the members \(merged.other) and \(merged.user) are both called \(merged.name) there, so that one of their caps holds both",
        cure: "give each a name of his own under 'users' in sluiced.yaml, and restart sluiced")
    }
  }

  /// Why a cluster may not hold a member to the caps per user.
  func userGaps(of project: Project) -> [LimitGap] {
    guard !project.perUser.isEmpty else { return [] }
    return project.clusters.flatMap { cluster, binding -> [LimitGap] in
      let voids = (clusters[cluster]?.head?.voids ?? []).filter { void in
        void.account.map { $0.isOfUser && $0.whole == binding.account } ?? false
      }
      guard !voids.isEmpty else { return [] }
      let members = Set(project.members.names.map { association(of: $0, in: cluster, binding) })
      return voids.filter { void in
        void.account.map(members.contains) ?? false && void.tres.map { project.perUser[$0] != nil } ?? true
      }
      .map { $0.told(of: cluster) }
    }
  }
}
