package import Model
internal import Quota

/// What setting a project would mean, found before anything is decided.
package struct Findings: Hashable, Sendable {
  /// Why it can't be done.
  package var refusals: [Refusal] = []
  /// What to know before doing it.
  package var warnings: [String] = []
}

package enum Refusal: Hashable, Sendable, CustomStringConvertible {
  case noLimits
  case noClusters
  case tooManyJobs(String, TRES, most: Amount)
  case uncapped(String, TRES)
  case lendsMoreThanItHas(TRES, cap: Amount)
  case hasNoSiblings(String)
  case notWhole(String, TRES)
  case sameUser(UserName, UserName, ClusterName, UserName)
  case unknownParent(ProjectName)
  case ownAncestor(ProjectName)
  case tooDeep(Int, most: Int)
  case parentElsewhere(ClusterName, ProjectName)
  case unknownCluster(ClusterName, known: [ClusterName])
  case accountTaken(ClusterName, AccountName, by: ProjectName)
  case accountMoves(ClusterName, from: AccountName, to: AccountName)
  case unenforced([String])

  package var description: String {
    switch self {
    case .noLimits: "limits: at least one TRES must be capped"
    case .noClusters: "clusters: at least one is needed"
    case .tooManyJobs(let field, let tres, let most):
      "\(field).\(tres): at most \(most.text(of: tres)) jobs can be counted"
    case .uncapped(let field, let tres): "\(field).\(tres): there is no cap on it: give 'limits' one first"
    case .lendsMoreThanItHas(let tres, let cap):
      "lend.\(tres): at most its cap of \(cap.text(of: tres)) can be lent"
    case .hasNoSiblings(let field):
      "\(field): it has no parent, and only those below the same one lend each other"
    case .notWhole(let field, let tres):
      "\(field).\(tres): must be whole, in steps of \(tres.granule.text(of: tres))"
    case .sameUser(let user, let other, let cluster, let name):
      "members.\(user): on \(cluster) both this user and \(other) would be \(name): see 'users' in sluiced.yaml"
    case .unknownParent(let parent): "parent: there is no project '\(parent)'"
    case .ownAncestor(let parent): "parent: \(parent) is this project, or below it"
    case .tooDeep(let levels, let most):
      "parent: that makes \(levels) levels of projects; at most \(most) are taken"
    case .parentElsewhere(let cluster, let parent):
      "clusters.\(cluster): the parent, \(parent), has no account there that would hold it: give it one first"
    case .unknownCluster(let cluster, let known):
      "clusters.\(cluster): no such cluster; sluiced knows \(known.map(\.text).joined(separator: ", "))"
    case .accountTaken(let cluster, let account, let owner):
      "clusters.\(cluster).account: \(account) belongs to project \(owner)"
    case .accountMoves(let cluster, let old, let new):
      "clusters.\(cluster).account: can't change from \(old) to \(new) while work may run there: "
        + "remove the cluster from the project first, and add it again when nothing there is in force"
    case .unenforced(let gaps):
      "the cap could be passed: " + gaps.joined(separator: "; ")
        + " (mend that, or accept it with --accept-unenforced)"
    }
  }
}

extension State {
  /// Looks at a project that is to be created or changed. Nothing changes.
  ///
  /// - Parameter above: The accounts above one that no project has yet; nil where it is not known, or isn't there.
  package func findings(
    for project: Project, acceptsUnenforced: Bool,
    above: (ClusterName, AccountName) -> [AccountName]? = { _, _ in nil }
  ) -> Findings {
    var findings = Findings()
    findings.refusals += treeRefusals(for: project)
    if project.limits.isEmpty { findings.refusals.append(.noLimits) }
    if project.clusters.isEmpty { findings.refusals.append(.noClusters) }
    findings.refusals += capRefusals("limits", project.limits) + capRefusals("per_user", project.perUser)
    findings.refusals += userRefusals(for: project)
    findings.refusals += loanRefusals(for: project)
    for (cluster, binding) in project.clusters {
      inspect(cluster, binding, of: project.name, into: &findings)
    }
    let gaps = gaps(of: project, above: above).map(\.reason)
    if !gaps.isEmpty {
      if acceptsUnenforced { findings.warnings += gaps } else { findings.refusals.append(.unenforced(gaps)) }
    }
    findings.warnings += warnings(for: project) + budgetWarnings(for: project) + treeWarnings(for: project)
    return findings
  }

  private func capRefusals(_ field: String, _ caps: TRESAmounts) -> [Refusal] {
    // Slurm counts jobs by 32 bits.
    let mostJobs = Amount(units: 1_000_000_000)
    let broken = caps.filter { tres, cap in cap.roundedDown(to: tres.granule) != cap }
    let large = caps.filter { tres, cap in tres.countsJobs && cap > mostJobs }
    return broken.map { .notWhole(field, $0.0) } + large.map { .tooManyJobs(field, $0.0, most: mostJobs) }
  }

  private func loanRefusals(for project: Project) -> [Refusal] {
    let terms = [("borrow", project.borrow), ("lend", project.lend)]
    let lonely = terms.filter { !$0.1.isEmpty && project.parent == nil }.map { Refusal.hasNoSiblings($0.0) }
    let uncapped = terms.flatMap { field, amounts in
      amounts.names.filter { project.limits[$0] == nil }.map { Refusal.uncapped(field, $0) }
    }
    let tooMuch = project.lend.compactMap { tres, amount -> Refusal? in
      guard let cap = project.limits[tres], amount > cap else { return nil }
      return .lendsMoreThanItHas(tres, cap: cap)
    }
    return lonely + uncapped + tooMuch
  }

  private func inspect(
    _ cluster: ClusterName, _ binding: ClusterBinding, of project: ProjectName, into findings: inout Findings
  ) {
    guard let state = clusters[cluster] else {
      findings.refusals.append(.unknownCluster(cluster, known: clusters.names))
      return
    }
    if let owner = state.projectOfAccount[binding.account], owner != project {
      findings.refusals.append(.accountTaken(cluster, binding.account, by: owner))
    }
    if let share = share(of: project, in: cluster), share.account != binding.account,
      share.inForce.contains(where: { $0.1 > .zero })
    {
      findings.refusals.append(.accountMoves(cluster, from: share.account, to: binding.account))
    }
    if !state.isAnswering {
      findings.warnings.append("\(cluster) does not answer: nothing grows before it was read")
    }
    if state.isDrained { findings.warnings.append("\(cluster) is drained: nothing is allotted there") }
  }

  private func budgetWarnings(for project: Project) -> [String] {
    guard let budget = project.budget, budget.whenSpent != .notify else { return [] }
    return budget.tres.names.filter { project.limits[$0] == nil }.map {
      "budget.tres.\($0): there is no cap on it; when it is spent, \(project.substitutesInWords): "
        + "give 'limits' one of \($0)"
    }
  }

  private func warnings(for project: Project) -> [String] {
    guard let quota = projects[project.name] else { return [] }
    return project.limits.compactMap { tres, cap in
      let used = quota.used(tres)
      guard used > cap else { return nil }
      return "limits.\(tres): \(used.text(of: tres)) are in use, more than the new cap of "
        + "\(cap.text(of: tres)); nothing is ended, and nothing grows until that falls"
    }
  }
}

extension Project {
  /// What holds a spent budget of something that has no cap.
  var substitutesInWords: String {
    let caps = limits.names.filter { $0 != .submittedJobs }.map(\.name)
    guard !caps.isEmpty else { return "nothing holds it" }
    return
      "it is held by the caps on \(caps.joined(separator: ", ")) alone, and jobs that use none of these go on to start"
  }
}
