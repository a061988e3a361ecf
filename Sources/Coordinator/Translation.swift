internal import Core
internal import Model
internal import Quota
internal import Wire

// From the wire's words to the core's, and back.

extension Report {
  /// - Parameter untold: Types that the agent doesn't tell.
  init(_ view: UsageView, untold: [LimitGap]) {
    self.init(
      head: Head(
        serial: view.serial, bootTime: view.bootTime, age: view.age, applied: view.applied,
        isSettled: view.settled,
        capacity: view.capacity, free: view.free,
        voids: view.voids.map {
          LimitGap(account: $0.account, tres: $0.tres, reason: $0.reason, cure: $0.kind.advice)
        } + untold),
      accounts: view.accounts.map { Row(account: $0.account, sighting: Sighting($0)) })
  }
}

extension LimitGap {
  /// Those that follow from what the agent said that it tells jobs apart by.
  static func untold(besides types: [JobType]) -> [LimitGap] {
    JobType.allCases.filter { !types.contains($0) }.map { LimitGap(untold: $0) }
  }

  fileprivate init(untold type: JobType) {
    self.init(
      account: nil, tres: type.tres, reason: "its agent has no rule that says which jobs are \(type)",
      cure: Advice.untoldType)
  }
}

extension Sighting {
  fileprivate init(_ row: AccountUsage) {
    self.init(
      accountExists: row.exists, above: row.above, limits: row.limits, used: row.used, pending: row.pending,
      runningJobs: row.runningJobs, pendingJobs: row.pendingJobs, others: row.others ?? [])
  }
}

extension LimitWrite {
  /// The shares of `projects` in `cluster`, as they are decided now.
  init(_ number: WriteNumber, of projects: [ProjectName], in cluster: ClusterName, from state: State) {
    let changes = projects.compactMap { name -> LimitChange? in
      guard let quota = state.projects[name], let share = quota.shares[cluster] else { return nil }
      let project = quota.project
      return LimitChange(
        account: share.account, parent: share.parent ?? state.accountAbove(project, in: cluster),
        limits: share.allotment, cleared: share.cleared,
        // With caps per user each of them comes with his limit, and never without.
        users: project.perUser.isEmpty ? project.members.names.map { state.name(of: $0, in: cluster) } : [])
    }
    self.init(number: number, changes: changes)
  }
}

extension WriteEnd {
  init(_ result: LimitWriteResult) {
    var failures = NameMap<AccountTag, String>()
    for row in result.rows where row.outcome == .failed || row.outcome == .unknown {
      failures[row.account] = row.message ?? "the write \(row.outcome.rawValue)"
    }
    self = .taken(failures: failures)
  }

  /// What went wrong, for the log and the ledger; nil when nothing did.
  var fault: String? {
    switch self {
    case .taken(let failures):
      failures.isEmpty
        ? nil : "failed for " + failures.map { "\($0.name.inWords): \($0.value)" }.joined(separator: "; ")
    case .refused(let reason): "was refused: \(reason)"
    }
  }
}
