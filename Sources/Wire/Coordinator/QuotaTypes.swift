package import Model

/// `quota.list`, `quota.get` and `quota.changed`: a project's caps beside what holds and what is used.
package struct QuotaStatus: Codable, Hashable, Sendable {
  package enum State: String, Codable, Sendable {
    /// Every limit is confirmed, and the sum is at most the cap.
    case ok
    /// Limits are on their way, or a cluster's answer is awaited.
    case moving
    /// More is in force than the cap allows; nothing grows until it falls.
    case over
    /// A budget is spent.
    case spent
    /// A cluster's limit can be passed, by what `reasons` names.
    case unenforced
    /// A native limit differs from what Sluice wrote, and the setting is to report only.
    case drift
  }

  package var project: ProjectName
  package var state: State
  /// Why, in sentences; empty when ok.
  package var reasons: [String]
  package var tres: [QuotaLine]
  package var clusters: [QuotaShare]
  /// What it borrows from siblings, and what it lends them.
  package var loans: [QuotaLoan]
  package var budget: BudgetStatus?

  package init(
    project: ProjectName, state: State, reasons: [String], tres: [QuotaLine], clusters: [QuotaShare],
    loans: [QuotaLoan] = [], budget: BudgetStatus? = nil
  ) {
    self.project = project
    self.state = state
    self.reasons = reasons
    self.tres = tres
    self.clusters = clusters
    self.loans = loans
    self.budget = budget
  }
}

/// What one project has of another's cap.
package struct QuotaLoan: Codable, Hashable, Sendable {
  package var lender: ProjectName
  package var borrower: ProjectName
  package var tres: TRES
  /// What the borrower may use of it now.
  package var granted: Amount
  /// What the lender does without: more than is granted while a loan is on its way, or on its way back.
  package var setAside: Amount

  package init(lender: ProjectName, borrower: ProjectName, tres: TRES, granted: Amount, setAside: Amount) {
    self.lender = lender
    self.borrower = borrower
    self.tres = tres
    self.granted = granted
    self.setAside = setAside
  }
}

/// One capped TRES, over all clusters.
package struct QuotaLine: Codable, Hashable, Sendable {
  package var tres: TRES
  package var cap: Amount
  package var used: Amount
  package var pending: Amount
  /// The most that may be effective now, all clusters together.
  package var inForce: Amount
  /// What is borrowed beyond the cap now, and what of the cap others have.
  package var borrowed: Amount
  package var lent: Amount
  /// Cap and borrowed, less lent and used.
  package var left: Amount

  package init(
    tres: TRES, cap: Amount, used: Amount, pending: Amount, inForce: Amount, borrowed: Amount = .zero,
    lent: Amount = .zero
  ) {
    self.tres = tres
    self.cap = cap
    self.used = used
    self.pending = pending
    self.inForce = inForce
    self.borrowed = borrowed
    self.lent = lent
    left = cap - lent + borrowed - used
  }
}

/// A project's part in one cluster.
package struct QuotaShare: Codable, Hashable, Sendable {
  package var cluster: ClusterName
  package var account: AccountName
  package var isReachable: Bool
  /// Whether the enforcing part was seen to hold exactly the allotment, since its last boot.
  package var isConfirmed: Bool
  /// nil while the cluster has never told.
  package var accountExists: Bool?
  package var runningJobs: Int
  package var pendingJobs: Int
  package var tres: [ShareLine]

  package init(
    cluster: ClusterName, account: AccountName, isReachable: Bool, isConfirmed: Bool, accountExists: Bool?,
    runningJobs: Int, pendingJobs: Int, tres: [ShareLine]
  ) {
    self.cluster = cluster
    self.account = account
    self.isReachable = isReachable
    self.isConfirmed = isConfirmed
    self.accountExists = accountExists
    self.runningJobs = runningJobs
    self.pendingJobs = pendingJobs
    self.tres = tres
  }
}

package struct ShareLine: Codable, Hashable, Sendable {
  package var tres: TRES
  package var allotment: Amount
  package var inForce: Amount
  package var used: Amount
  package var pending: Amount
  /// The limit last read from the enforcing part; nil when there is none, or it was never read.
  package var native: Amount?

  package init(
    tres: TRES, allotment: Amount, inForce: Amount, used: Amount, pending: Amount, native: Amount?
  ) {
    self.tres = tres
    self.allotment = allotment
    self.inForce = inForce
    self.used = used
    self.pending = pending
    self.native = native
  }
}

/// `quota.get`, `project.get`, `project.delete`.
package struct ProjectRequest: Codable, Hashable, Sendable {
  package var project: ProjectName
  package var reason: String?
  package init(project: ProjectName, reason: String? = nil) {
    self.project = project
    self.reason = reason
  }
}

/// `quota.history`: newest first.
package struct QuotaHistoryRequest: Codable, Hashable, Sendable {
  package var project: ProjectName
  /// Changes of the caps concern every cluster.
  package var cluster: ClusterName?
  /// Only what changed of it.
  package var tres: TRES?
  /// Both ends count.
  package var since: Timestamp?
  package var until: Timestamp?
  package var limit: Int?
  package var cursor: String?

  package init(
    project: ProjectName, cluster: ClusterName? = nil, tres: TRES? = nil, since: Timestamp? = nil,
    until: Timestamp? = nil, limit: Int? = nil, cursor: String? = nil
  ) {
    self.project = project
    self.cluster = cluster
    self.tres = tres
    self.since = since
    self.until = until
    self.limit = limit
    self.cursor = cursor
  }
}

/// `quota.changed`, after `quota.watch`: the projects that changed, whole, and those that are gone.
package struct QuotaChanged: Codable, Hashable, Sendable {
  package var quotas: [QuotaStatus]
  package var gone: [ProjectName]
  package init(quotas: [QuotaStatus], gone: [ProjectName]) {
    self.quotas = quotas
    self.gone = gone
  }
}
