internal import Core
internal import Model
internal import Quota
internal import Wire

extension QuotaStatus {
  /// A project as the state has it now; nil when there is no such project.
  init?(_ name: ProjectName, in state: Core.State, budget: BudgetStatus?) {
    guard !name.isOfUser, let quota = state.projects[name] else { return nil }
    let standing = state.standing(of: name)
    self.init(
      project: name, state: State(standing.state), reasons: standing.reasons + state.budgetsSpentAbove(name),
      tres: quota.lines, clusters: QuotaShare.all(of: quota, in: state),
      loans: state.loans(of: name).flatMap { loan in
        loan.amounts.setAside.map { tres, setAside in
          QuotaLoan(
            lender: loan.lender, borrower: loan.borrower, tres: tres,
            granted: loan.amounts.granted.used(tres),
            setAside: setAside)
        }
      }, budget: budget)
  }
}

extension Core.State {
  /// What holds the project although it isn't its own, in sentences.
  fileprivate func budgetsSpentAbove(_ name: ProjectName) -> [String] {
    lineage(of: name).dropFirst().filter { $0.project.budget?.whenSpent != .notify }.flatMap { quota in
      quota.spent.map { $0.sentence(of: quota.project.name) }
    }
  }
}

extension QuotaUser {
  /// Those with a quota of their own in the project; nil when it has no caps per user, and nobody is left of such.
  static func all(of project: ProjectName, in state: Core.State) -> [QuotaUser]? {
    let users = state.people(of: project)
    guard !users.isEmpty || !(state.projects[project]?.project.perUser.isEmpty ?? true) else { return nil }
    return users.compactMap { QuotaUser($0, of: project, in: state) }
  }

  private init?(_ user: UserName, of project: ProjectName, in state: Core.State) {
    let name = ProjectName.user(user, of: project)
    guard let quota = state.projects[name] else { return nil }
    let standing = state.standing(of: name)
    self.init(
      user: user, state: QuotaStatus.State(standing.state), reasons: standing.reasons, tres: quota.lines,
      clusters: QuotaShare.all(of: quota, in: state))
  }
}

extension ProjectQuota {
  fileprivate var lines: [QuotaLine] {
    caps.map { tres, cap in
      QuotaLine(
        tres: tres, cap: cap, used: used(tres), pending: pending(tres), inForce: inForce(tres),
        borrowed: borrowed(tres), lent: lent.used(tres))
    }
  }
}

extension QuotaStatus.State {
  init(_ state: Standing.State) {
    self =
      switch state {
      case .ok: .ok
      case .moving: .moving
      case .over: .over
      case .spent: .spent
      case .unenforced: .unenforced
      case .drift: .drift
      }
  }
}

extension QuotaShare {
  fileprivate static func all(of quota: ProjectQuota, in state: Core.State) -> [QuotaShare] {
    quota.shares.map { cluster, share in QuotaShare(share, caps: quota.caps, in: state.clusters[cluster]) }
  }

  private init(_ share: Share, caps: TRESAmounts, in cluster: ClusterState?) {
    let isConfirmedNow = share.isConfirmed && share.confirmedBoot == cluster?.head?.bootTime
    self.init(
      cluster: share.cluster, account: share.account, isReachable: cluster?.isAnswering ?? false,
      isConfirmed: isConfirmedNow && share.foreign == nil, accountExists: share.seen?.accountExists,
      runningJobs: share.seen?.runningJobs ?? 0, pendingJobs: share.seen?.pendingJobs ?? 0,
      tres: caps.names.map { tres in
        ShareLine(
          tres: tres, allotment: share.allotment.used(tres), inForce: share.inForce.used(tres),
          used: share.seen?.used.used(tres) ?? .zero, pending: share.seen?.pending.used(tres) ?? .zero,
          native: share.seen?.limits[tres])
      },
      others: share.seen.flatMap { $0.others.isEmpty ? nil : $0.others })
  }
}
