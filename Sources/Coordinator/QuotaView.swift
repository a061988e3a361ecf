internal import Core
internal import Model
internal import Quota
internal import Wire

extension QuotaStatus {
  /// A project as the state has it now; nil when there is no such project.
  init?(_ name: ProjectName, in state: Core.State, budget: BudgetStatus?) {
    guard let quota = state.projects[name] else { return nil }
    let standing = state.standing(of: name)
    self.init(
      project: name, state: State(standing.state), reasons: standing.reasons + state.budgetsSpentAbove(name),
      tres: quota.caps.map { tres, cap in
        QuotaLine(
          tres: tres, cap: cap, used: quota.used(tres), pending: quota.pending(tres),
          inForce: quota.inForce(tres), borrowed: quota.borrowed(tres), lent: quota.lent.used(tres))
      },
      clusters: quota.shares.map { cluster, share in
        QuotaShare(share, caps: quota.caps, in: state.clusters[cluster])
      },
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
  fileprivate init(_ share: Share, caps: TRESAmounts, in cluster: ClusterState?) {
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
      })
  }
}
