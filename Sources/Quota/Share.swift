package import Model

/// One project's part in one cluster. The rules that the doc comments number are DESIGN's rules of allotments,
/// restated in docs/allotments.md.
package struct Share: Hashable, Sendable {
  package let cluster: ClusterName
  package var account: AccountName
  package var parent: AccountName?

  /// What the cluster shall hold the account to: of each capped TRES, decided and in the ledger.
  package var allotment: TRESAmounts
  /// Of each capped TRES, the largest limit that may be effective there, or what is used if that is more
  /// (rule 2). `unbounded` until the cluster was first asked.
  package var inForce: TRESAmounts
  /// Of each capped TRES, the least limit that may be effective there. While the project is over, nothing above it
  /// is written: that could be growth (rule 6).
  package var floor: TRESAmounts
  /// TRES that lost their cap, and whose native limit is still to be lifted.
  package var cleared: [TRES]
  package var writing: Writing
  /// When the controller started under which the allotment was confirmed (rule 3).
  package var confirmedBoot: Timestamp?
  /// The native limits that someone else set, while they differ from the allotment.
  package var foreign: TRESAmounts?
  /// The project no longer names this cluster: its allotment goes to zero and stays there.
  package var isLeaving: Bool
  /// The ledger may be an older copy: what the cluster really has is to be read before any limit is written, and after
  /// a write without limits has ended there, so that none of those that the ledger has lost can change it any more.
  package var isDoubted: Bool

  /// What the cluster last told of it; not kept in the ledger.
  package var seen: Sighting?
  /// Whether `seen` came over the present link: what an earlier one told proves nothing any more.
  package var isCurrent = false
  /// Demand as it counts for division: see `Demand`.
  package var demand: Demand

  /// How far the allotment has come on its way into the cluster.
  package enum Writing: Hashable, Codable, Sendable {
    /// To be written. `after` is an earlier write that may not have ended.
    case due(after: WriteNumber?)
    /// In a write that was handed to the agent.
    case sent(WriteNumber)
    /// Written, and read back from the part that enforces it.
    case confirmed
  }

  package init(cluster: ClusterName, binding: ClusterBinding) {
    self.cluster = cluster
    account = binding.account
    parent = binding.parent
    allotment = TRESAmounts()
    inForce = TRESAmounts()
    floor = TRESAmounts()
    cleared = []
    writing = .due(after: nil)
    isLeaving = false
    isDoubted = false
    demand = Demand()
  }

  /// The write that must have ended before a reading of the limits proves anything.
  @inlinable package var outstanding: WriteNumber? {
    switch writing {
    case .due(let after): after
    case .sent(let number): number
    case .confirmed: nil
    }
  }

  /// It can be written now.
  @inlinable package var isDue: Bool {
    if case .due = writing { true } else { false }
  }

  /// A user's that lost its caps: all that is left to do is to lift them.
  package var isEnding: Bool { allotment.isEmpty && !cleared.isEmpty && account.isOfUser }

  @inlinable package var isConfirmed: Bool { if case .confirmed = writing { true } else { false } }
}

/// An account as its cluster last told of it, with the limits read before the usage.
package struct Sighting: Hashable, Sendable {
  package var accountExists: Bool
  /// The accounts above it, from the inside out, without the root.
  package var above: [AccountName]
  package var limits: TRESAmounts
  package var used: TRESAmounts
  package var pending: TRESAmounts
  package var runningJobs: Int
  package var pendingJobs: Int
  /// Users whose jobs are in the account, where its users are followed, without being among those.
  package var others: [String]

  package init(
    accountExists: Bool, above: [AccountName] = [], limits: TRESAmounts, used: TRESAmounts,
    pending: TRESAmounts, runningJobs: Int,
    pendingJobs: Int, others: [String] = []
  ) {
    self.accountExists = accountExists
    self.above = above
    self.limits = limits
    self.used = used
    self.pending = pending
    self.runningJobs = runningJobs
    self.pendingJobs = pendingJobs
    self.others = others
  }
}

extension Share: Codable {
  private enum CodingKeys: CodingKey {
    case cluster, account, parent, allotment, inForce, floor, cleared, writing, confirmedBoot, foreign,
      isLeaving,
      isDoubted
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    cluster = try container.decode(ClusterName.self, forKey: .cluster)
    account = try container.decode(AccountName.self, forKey: .account)
    parent = try container.decodeIfPresent(AccountName.self, forKey: .parent)
    allotment = try container.decode(TRESAmounts.self, forKey: .allotment)
    inForce = try container.decode(TRESAmounts.self, forKey: .inForce)
    cleared = try container.decode([TRES].self, forKey: .cleared)
    writing = try container.decode(Writing.self, forKey: .writing)
    confirmedBoot = try container.decodeIfPresent(Timestamp.self, forKey: .confirmedBoot)
    foreign = try container.decodeIfPresent(TRESAmounts.self, forKey: .foreign)
    isLeaving = try container.decode(Bool.self, forKey: .isLeaving)
    // Ledgers of 0.1 don't have these.
    floor = try container.decodeIfPresent(TRESAmounts.self, forKey: .floor) ?? allotment
    isDoubted = try container.decodeIfPresent(Bool.self, forKey: .isDoubted) ?? false
    demand = Demand()
  }
}
