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
    for user in users(of: name) where !mayHaveUsers || quota.project.members[user.current] == nil {
      guard var grant = projects[.user(user, of: name)]?.project else { continue }
      grant.limits = [:]
      revise(grant, in: quota.project, at: now, step: &step)
      endIfDone(grant.name, at: now, in: &step)
    }
    for user in users(of: name) { claimAssociations(of: .user(user, of: name)) }
  }

  /// While two were called the same, one of them had the association, and it is nobody's since he has another.
  private mutating func claimAssociations(of name: ProjectName) {
    for (cluster, share) in projects[name]?.shares ?? [:] {
      clusters.update(cluster) { state in
        if state.projectOfAccount[share.account] == nil { state.projectOfAccount[share.account] = name }
      }
    }
  }

  /// A user's quota without caps goes with the last of its native limits.
  mutating func endIfDone(_ name: ProjectName, at now: Timestamp, in step: inout Step) {
    guard projects.update(name, { $0.hasEnded }) ?? false, name.isOfUser else { return }
    delete(name, at: now, in: &step)
  }

  private mutating func revise(
    _ grant: Project, in project: Project, at now: Timestamp, step: inout Step
  ) {
    guard projects[grant.name]?.project != grant else { return }
    let taken = leaveNames(for: grant, in: project, at: now, in: &step)
    set(grant, true, at: now, in: &step)
    for (cluster, inForce) in taken {
      guard let known = share(of: grant.name, in: cluster)?.inForce else { continue }
      record(.share(grant.name, cluster, .bounded(known.maximum(inForce))), at: now, in: &step)
    }
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

  /// Members who have one name in a cluster, by the map.
  private func mergedUsers(
    of project: Project
  ) -> [(user: UserName, other: UserName, cluster: ClusterName, name: UserName)] {
    project.clusters.names.filter { userMap[$0] != nil }.flatMap { cluster in
      var owners = NameMap<UserTag, UserName>()
      return project.members.names.compactMap { user in
        let name = name(of: user, in: cluster)
        defer { owners[name] = user }
        return owners[name].map { (user, $0, cluster, name) }
      }
    }
  }

  /// The map may have come after the project: then one association can't hold two of its members.
  func mergedUserGaps(of project: Project) -> [LimitGap] {
    guard !project.perUser.isEmpty else { return [] }
    return mergedUsers(of: project).map { user, other, cluster, name in
      let account = project.clusters[cluster]?.account
      return LimitGap(
        account: account, tres: nil,
        reason:
          "\(cluster): the members \(other) and \(user) are both called \(name) there, so that one of their caps holds both",
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
