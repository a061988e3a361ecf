internal import Model
internal import Wire

/// Why native limits of the followed accounts may not hold. Pure: the same readings give the same reasons.
///
/// - Parameters:
///   - runsLua: Whether slurmctld has a job_submit.lua.
///   - licenses: All that the cluster has of each.
func findVoids(
  enforcesLimits: Bool, runsLua: Bool, search: VoidSearch, licenses: TRESAmounts,
  partitions: [PartitionDetail],
  followed: [AccountName], rows: [String: AccountLimits], jobs: [NativeJob]
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
    // Also of one that has no limits yet: a plan wants to know before there are any. What an account's QOS void, they void
    // for its users' associations, too.
    voids +=
      account.isOfUser
      ? partitionVoids(account, rows[account.whole.text]) : search.qosVoids(account, partitions)
    guard let limits = rows[account.text]?.limits else { continue }
    voids += untypedVoids(account, limits)
    voids += untrackedVoids(account, limits, search.tracked)
    voids += typeVoids(account, limits, runsLua: runsLua, licenses)
    voids += overrideVoids(account, limits, jobs, search.parents)
  }
  return voids
}

/// Each association by a partition has limits of its own, and nothing adds up what they let a user have.
private func partitionVoids(_ name: AccountName, _ row: AccountLimits?) -> [LimitVoid] {
  guard let (account, user) = name.parts, let partitions = row?.partitions[user.text], !partitions.isEmpty
  else { return [] }
  return [
    LimitVoid(
      kind: .partitionAssociations, account: name,
      reason: "user \(user) has associations of his own with account \(account) for "
        + "\(partitions.count == 1 ? "partition" : "partitions") \(partitions.joined(separator: ", ")), and jobs there are "
        + "not held to a cap per user")
  ]
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
      reason: "the cluster doesn't track \(tres.slurmName): add it to AccountingStorageTRES in slurm.conf")
  }
}

/// A job has its type from the hook, as a license.
private func typeVoids(
  _ account: AccountName, _ limits: TRESAmounts, runsLua: Bool, _ licenses: TRESAmounts
) -> [LimitVoid] {
  limits.names.compactMap { tres in
    guard let type = tres.jobType, !runsLua || licenses[tres] == nil else { return nil }
    let reason =
      runsLua
      ? "Licenses in slurm.conf has no \(type)"
      : "JobSubmitPlugins in slurm.conf has no lua, so no job gets a type"
    return LimitVoid(kind: .uncountedJobs, account: account, tres: tres, reason: reason)
  }
}

/// A job that has more than it asked for, in an account that is over: an operator's hand.
private func overrideVoids(
  _ account: AccountName, _ limits: TRESAmounts, _ jobs: [NativeJob], _ parents: [String: String]
) -> [LimitVoid] {
  let own = jobs.filter { $0.state.isUsing && counts($0, for: account, parents) }
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

private func counts(_ job: NativeJob, for name: AccountName, _ parents: [String: String]) -> Bool {
  guard let (account, user) = name.parts else {
    return AccountTally.path(from: job.account, parents).contains(name.text)
  }
  return job.account == account.text && job.user == user.text
}
