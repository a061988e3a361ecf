internal import Model
internal import Quota

// Who is called otherwise in a cluster than before. What runs under the old name is his until it ends: his association of
// before becomes a quota of its own, which may have nothing more, and what is in force there is taken off his cap. Once that
// is nothing, its native limits are lifted, and it goes as that of one who is no member any more.
extension State {
  /// Before the user's quota becomes `grant`: keeps what his old names have, and takes back what he or another is called
  /// again. What is in force there counts as unknown until it was read anew.
  mutating func leaveNames(
    for grant: Project, in project: Project, at now: Timestamp, in step: inout Step
  ) {
    for (cluster, binding) in grant.clusters {
      let share = share(of: grant.name, in: cluster)
      guard share?.account != binding.account else { continue }
      let owner = clusters.read(cluster) { $0.projectOfAccount[binding.account] } ?? nil
      if let owner, owner.isFormer { delete(owner, at: now, in: &step) }
      if let share { keep(share, of: grant, in: project, at: now, step: &step) }
    }
  }

  /// Another member who is called so now has the association, with all that runs there.
  private mutating func keep(
    _ share: Share, of grant: Project, in project: Project, at now: Timestamp, step: inout Step
  ) {
    let isAnothers = project.clusters[share.cluster].map { binding in
      project.members.names.contains { association(of: $0, in: share.cluster, binding) == share.account }
    }
    guard isAnothers == false, let (whole, user) = grant.name.parts, let name = share.account.parts?.user
    else { return }
    // Also those that are only to be lifted, and those of zero: nobody else would lift them.
    let limits = TRESAmounts((share.allotment.names + share.cleared).map { ($0, .zero) })
    guard !limits.isEmpty || share.inForce.contains(where: { $0.1 > .zero }) else { return }
    let former = Project(
      name: .user(.former(name, in: share.cluster, of: user), of: whole),
      limits: limits.maximum(grant.limits.mapped { _, _ in .zero }),
      clusters: [share.cluster: ClusterBinding(account: share.account)])
    set(former, true, at: now, in: &step)
    // The limit that is there is Sluice's own, so that it is lifted in the end.
    record(
      .share(former.name, share.cluster, .allotted(former.limits, was: TRESAmounts())), at: now, in: &step)
    let known = former.limits.mapped { tres, _ in share.inForce[tres] ?? .unbounded }
    record(.share(former.name, share.cluster, .bounded(known)), at: now, in: &step)
  }

  /// What the caps per user count now counts under his old names, too.
  mutating func reviseFormer(
    _ name: ProjectName, to caps: TRESAmounts, at now: Timestamp, in step: inout Step
  ) {
    guard var grant = projects[name]?.project else { return }
    let added = caps.names.filter { grant.limits[$0] == nil }
    guard !added.isEmpty else { return }
    for tres in added { grant.limits[tres] = .zero }
    set(grant, true, at: now, in: &step)
  }

  /// The quotas that his old names have.
  func formers(of user: ProjectName) -> [ProjectName] {
    guard !usersWithFormers.isEmpty, let (whole, name) = user.parts else { return [] }
    return users(of: whole).filter { $0.isFormer && $0.current == name }.map { .user($0, of: whole) }
  }

  /// Keeps true what is taken off the user's cap.
  mutating func reckonFormers(after event: Event) {
    guard !usersWithFormers.isEmpty, let user = event.former?.current ?? event.granted,
      usersWithFormers.contains(user)
    else { return }
    reckonFormers(of: user)
  }

  mutating func reckonFormers(of user: ProjectName) {
    var inForce = TRESAmounts()
    let formers = formers(of: user)
    for (tres, _) in projects[user]?.caps ?? [:] {
      let sum = formers.reduce(Amount.zero) { sum, former in
        sum + (projects.read(former) { $0.inForce(tres) } ?? .zero)
      }
      inForce.set(tres, sum)
    }
    projects.update(user) { $0.formerly = inForce }
    if formers.isEmpty { usersWithFormers.remove(user) }
  }

  /// Nothing is in force there any more: the limits go, and with them the quota.
  mutating func endFormer(_ name: ProjectName, at now: Timestamp, in step: inout Step) {
    guard !usersWithFormers.isEmpty, name.isFormer, var grant = projects[name]?.project,
      projects.read(name, { quota in quota.caps.names.allSatisfy { quota.inForce($0) <= .zero } }) ?? false
    else { return }
    grant.limits = [:]
    set(grant, true, at: now, in: &step)
    endIfDone(name, at: now, in: &step)
  }

  func formerReasons(of quota: ProjectQuota) -> [String] {
    formers(of: quota.project.name).compactMap { projects[$0] }.flatMap { former in
      former.shares.compactMap { cluster, share in
        let counting = share.inForce.only(quota.caps)
        guard let name = share.account.parts?.user, counting.contains(where: { $0.1 > .zero }) else {
          return nil
        }
        return
          "\(cluster): under his name of before, \(name), \(counting) still counts for him until its jobs end"
      }
    }
  }
}

extension Event {
  /// Whose caps it sets.
  fileprivate var granted: ProjectName? {
    if case .projectSet(let project, _) = self { project.name } else { nil }
  }

  /// The quota of an old name that it is about.
  var former: ProjectName? {
    let name: ProjectName
    switch self {
    case .projectSet(let project, _): name = project.name
    case .projectDeleted(let project), .share(let project, _, _): name = project
    case .loan, .drained, .termStarted: return nil
    }
    return name.isFormer ? name : nil
  }
}

extension ProjectName {
  var isFormer: Bool { parts?.user.isFormer ?? false }

  /// The quota of the user himself, where this is that of a name he had.
  var current: ProjectName { parts.map { .user($0.user.current, of: $0.whole) } ?? self }
}
