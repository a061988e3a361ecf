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
    guard let limits = limits[account.text] else { continue }
    voids += search.qosVoids(account, limits, partitions)
    voids += untypedVoids(account, limits)
    voids += untrackedVoids(account, limits, search.tracked)
    voids += overrideVoids(account, limits, jobs, search.parents)
  }
  return voids
}

/// What can be reached from where in one accounting tree.
struct VoidSearch: Sendable {
  let tracked: Set<TRES>
  let parents: [String: String]
  private let qos: [String: QualityOfService]
  private let rows: [String: [Association]]
  private let children: [String: [String]]

  init(_ tree: AccountingTree) {
    tracked = Set(tree.tracked)
    parents = tree.parents
    qos = Dictionary(tree.qos.map { ($0.name, $0) }) { first, _ in first }
    rows = Dictionary(grouping: tree.associations, by: \.account)
    children = Dictionary(grouping: tree.parents, by: \.value).mapValues { $0.map(\.key).sorted() }
  }

  /// A QOS's own limit or factor takes the place of the association's for the jobs that use it.
  fileprivate func qosVoids(
    _ account: AccountName, _ limits: TRESAmounts, _ partitions: [PartitionDetail]
  ) -> [LimitVoid] {
    let accounts = subtree(of: account.text)
    var reached: [String: String] = [:]
    for row in accounts.flatMap({ rows[$0] ?? [] }) {
      for name in row.qos + [row.defaultQos].compactMap({ $0 }) where reached[name] == nil {
        reached[name] =
          row.user.map { "user \($0) of account \(row.account) may use it" }
          ?? "account \(row.account) may use it"
      }
    }
    for partition in partitions where admits(partition, accounts) {
      guard let name = partition.qos, reached[name] == nil else { continue }
      reached[name] = "partition \(partition.name) has it"
    }
    return reached.sorted { $0.key < $1.key }.flatMap { name, way in
      qos[name].map { voids(of: $0, way: way, account, limits) } ?? []
    }
  }

  private func admits(_ partition: PartitionDetail, _ accounts: [String]) -> Bool {
    partition.allowedAccounts.isEmpty || accounts.contains { partition.allowedAccounts.contains($0) }
  }

  private func subtree(of account: String) -> [String] {
    var found = [account]
    var seen: Set<String> = [account]
    var next = 0
    while next < found.count {
      for child in children[found[next]] ?? [] where seen.insert(child).inserted { found.append(child) }
      next += 1
    }
    return found
  }

  private func voids(
    of qos: QualityOfService, way: String, _ account: AccountName, _ limits: TRESAmounts
  ) -> [LimitVoid] {
    if let factor = qos.limitFactor, factor > 1 {
      return [
        LimitVoid(
          kind: .qos, account: account,
          reason: "QOS \(qos.name) multiplies limits by LimitFactor=\(factor), and \(way)")
      ]
    }
    if qos.grpJobs != nil {
      return [
        LimitVoid(
          kind: .qos, account: account,
          reason: "QOS \(qos.name) has its own GrpJobs, which takes the place of the account's, and \(way)")
      ]
    }
    return limits.names.filter { qos.grpTres[$0] != nil }.map { tres in
      LimitVoid(
        kind: .qos, account: account, tres: tres,
        reason: "QOS \(qos.name) has its own GrpTRES for \(tres), which takes the place of the account's, "
          + "and \(way)")
    }
  }
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
  limits.names.filter { !tracked.contains($0) }.map { tres in
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
