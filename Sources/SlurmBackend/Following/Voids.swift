internal import Model
internal import Wire

/// Why native limits of the followed accounts may not hold. Pure: the same readings give the same reasons.
func findVoids(
  enforcesLimits: Bool, search: VoidSearch, partitions: [PartitionDetail],
  followed: [AccountName], limits: [String: TRESAmounts], jobs: [NativeJob]
) -> [LimitVoid] {
  guard enforcesLimits else {
    return [
      LimitVoid(
        kind: .notEnforced,
        reason: "AccountingStorageEnforce in slurm.conf has neither 'limits' nor 'safe': no limit holds")
    ]
  }
  var voids: [LimitVoid] = []
  for account in followed {
    // Also of one that has no limits yet: a plan wants to know before there are any.
    voids += search.qosVoids(account, partitions)
    guard let limits = limits[account.text] else { continue }
    voids += untypedVoids(account, limits)
    voids += untrackedVoids(account, limits, search.tracked)
    voids += overrideVoids(account, limits, jobs, search.parents)
  }
  return voids
}

private func untypedVoids(_ account: AccountName, _ limits: TRESAmounts) -> [LimitVoid] {
  limits.names.compactMap { tres in
    guard let untyped = tres.untyped else { return nil }
    return LimitVoid(
      kind: .untypedRequests, account: account, tres: tres,
      reason:
        "a job that asks for \(untyped) without a type may be given \(tres) and is not held to its limit")
  }
}

private func untrackedVoids(
  _ account: AccountName, _ limits: TRESAmounts, _ tracked: Set<TRES>
) -> [LimitVoid] {
  limits.names.filter { !$0.countsJobs && !tracked.contains($0) }.map { tres in
    LimitVoid(
      kind: .untracked, account: account, tres: tres,
      reason: "the cluster doesn't track \(tres): add it to AccountingStorageTRES in slurm.conf")
  }
}

/// A job that has more than it asked for, in an account that is over: an operator's hand.
private func overrideVoids(
  _ account: AccountName, _ limits: TRESAmounts, _ jobs: [NativeJob], _ parents: [String: String]
) -> [LimitVoid] {
  let own = jobs.filter {
    $0.state.isUsing && AccountTally.path(from: $0.account, parents).contains(account.text)
  }
  guard !own.isEmpty else { return [] }
  var used = TRESAmounts()
  for job in own { used.add(job.allocated) }
  return limits.compactMap { tres, limit in
    guard used.used(tres) > limit else { return nil }
    let grown = own.first { $0.allocated.used(tres) > $0.requested.used(tres) && $0.requested[tres] != nil }
    return grown.map {
      LimitVoid(
        kind: .operatorOverride, account: account, tres: tres,
        reason:
          "job \($0.id) of \($0.user) has more \(tres) than it asked for, and the account is over its limit"
      )
    }
  }
}
