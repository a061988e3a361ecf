package import Model
package import Quota

/// All that can happen to the core. Commands were validated by `State.findings(for:)` in the same step.
package enum Input: Hashable, Sendable {
  case setProject(Project, acceptsUnenforced: Bool)
  case deleteProject(ProjectName)
  case drain(ClusterName, Bool)
  /// What of the project's budget is spent now.
  case budget(ProjectName, spent: [SpentBudget])

  /// An agent was dialled and said hello. `lastWrite` is the highest write it has ever taken on.
  case linked(ClusterName, lastWrite: WriteNumber?)
  case unlinked(ClusterName)
  case report(ClusterName, Report)
  case writeEnded(ClusterName, WriteNumber, WriteEnd)
  /// The ledger is, or may be, an older copy: nothing in it about clusters counts before they were read again.
  case recover
  case tick
}

/// How a write to a cluster ended, as far as its agent told.
package enum WriteEnd: Hashable, Sendable {
  /// The agent took it on, with what went wrong for each account that it could not write.
  case taken(failures: NameMap<AccountTag, String>)
  /// The agent refused it whole: nothing of it has been or will be done.
  case refused(String)
}

/// A view of an agent, in the core's own terms: the head whole, the accounts that changed.
package struct Report: Hashable, Sendable {
  package var head: Head
  package var accounts: [Row]

  package init(head: Head, accounts: [Row]) {
    self.head = head
    self.accounts = accounts
  }

  package struct Row: Hashable, Sendable {
    package var account: AccountName
    package var sighting: Sighting

    package init(account: AccountName, sighting: Sighting) {
      self.account = account
      self.sighting = sighting
    }
  }

  package struct Head: Hashable, Sendable {
    /// Rises with what an agent reads, as long as it runs: an older view proves nothing after a newer one.
    package var serial: Int64
    package var bootTime: Timestamp?
    /// Seconds since the cluster answered its agent; nil when it never has.
    package var age: Double?
    package var applied: WriteNumber?
    package var isSettled: Bool
    package var capacity: TRESAmounts
    package var free: TRESAmounts
    package var voids: [LimitGap]

    package init(
      serial: Int64, bootTime: Timestamp?, age: Double?, applied: WriteNumber?, isSettled: Bool,
      capacity: TRESAmounts,
      free: TRESAmounts, voids: [LimitGap]
    ) {
      self.serial = serial
      self.bootTime = bootTime
      self.age = age
      self.applied = applied
      self.isSettled = isSettled
      self.capacity = capacity
      self.free = free
      self.voids = voids
    }

    /// Beyond this age a view proves nothing any more.
    package static let oldest = 5.0

    package var isFresh: Bool { age.map { $0 <= Self.oldest } ?? false }
  }
}

/// Why a native limit may not hold (rule 8): for one account or all, for one TRES or all.
package struct LimitGap: Hashable, Sendable {
  package var account: AccountName?
  package var tres: TRES?
  package var reason: String
  /// What to do about it.
  package var cure: String

  package init(account: AccountName?, tres: TRES?, reason: String, cure: String = "") {
    self.account = account
    self.tres = tres
    self.reason = reason
    self.cure = cure
  }

  /// Whether it lets every project pass every cap.
  package var isOfAll: Bool { account == nil && tres == nil }

  func told(of cluster: ClusterName) -> LimitGap {
    LimitGap(account: account, tres: tres, reason: "\(cluster): \(reason)", cure: cure)
  }
}
