package import Model

/// `limits.apply`. Refused as `outdated` when its number is not above every number the agent has seen. Without changes
/// it does no more than to have all earlier ones ended.
package struct LimitWrite: Codable, Hashable, Sendable {
  package static let mostChanges = 256

  package var term: Int64
  package var sequence: Int64
  package var changes: [LimitChange]

  package init(number: WriteNumber, changes: [LimitChange]) {
    term = number.term
    sequence = number.sequence
    self.changes = changes
  }

  package var number: WriteNumber { WriteNumber(term: term, sequence: sequence) }
}

/// What one account, or one user's association in an account, shall be held to.
package struct LimitChange: Codable, Hashable, Sendable {
  /// Also a user's association in an account (`AccountName.user(_:of:)`): on the wire its user has a field of his own.
  package var account: AccountName {
    get { user.map { .user($0, of: whole) } ?? whole }
    set { (whole, user) = newValue.placed }
  }
  private var whole: AccountName
  private var user: UserName?
  /// Where to create the account when it doesn't exist; the root when nil. An existing one is never moved. An
  /// association that doesn't exist is created with the limits that it is to have; without any it isn't.
  package var parent: AccountName?
  /// The new limits. A TRES that is not here keeps the limit it has.
  package var limits: TRESAmounts
  /// TRES whose limit is to be lifted, because the project no longer caps them.
  package var cleared: [TRES]
  /// Users who must be able to submit to the account; those who can't yet are added. None is ever removed.
  package var users: [UserName]

  package init(
    account: AccountName, parent: AccountName?, limits: TRESAmounts, cleared: [TRES] = [],
    users: [UserName] = []
  ) {
    (whole, user) = account.placed
    self.parent = parent
    self.limits = limits
    self.cleared = cleared
    self.users = users
  }
}

extension LimitChange {
  private enum CodingKeys: String, CodingKey {
    case whole = "account"
    case user, parent, limits, cleared, users
  }

  /// `cleared` and `users` may be left out.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    whole = try container.decode(AccountName.self, forKey: .whole)
    user = try container.decodeIfPresent(UserName.self, forKey: .user)
    parent = try container.decodeIfPresent(AccountName.self, forKey: .parent)
    limits = try container.decode(TRESAmounts.self, forKey: .limits)
    cleared = try container.decodeIfPresent([TRES].self, forKey: .cleared) ?? []
    users = try container.decodeIfPresent([UserName].self, forKey: .users) ?? []
  }
}

/// The answer of `limits.apply`: a row for each change, in their order.
package struct LimitWriteResult: Codable, Hashable, Sendable {
  package var applied: WriteNumber
  package var rows: [LimitOutcome]

  package init(applied: WriteNumber, rows: [LimitOutcome]) {
    self.applied = applied
    self.rows = rows
  }
}

package struct LimitOutcome: Codable, Hashable, Sendable {
  package enum Outcome: String, Codable, Sendable {
    /// Written, and read back from the enforcing part.
    case confirmed
    /// Written for good, but the enforcing part could not be asked yet.
    case written
    /// Not written, and it never will be.
    case failed
    /// It may still take effect.
    case unknown
  }

  /// Also a user's association in an account (`AccountName.user(_:of:)`): on the wire its user has a field of his own.
  package var account: AccountName {
    get { user.map { .user($0, of: whole) } ?? whole }
    set { (whole, user) = newValue.placed }
  }
  private var whole: AccountName
  private var user: UserName?
  package var outcome: Outcome
  /// What the enforcing part now has; nil when it could not be asked.
  package var limits: TRESAmounts?
  /// Why not, in a sentence; nil when confirmed.
  package var message: String?

  private enum CodingKeys: String, CodingKey {
    case whole = "account"
    case user, outcome, limits, message
  }

  package init(account: AccountName, outcome: Outcome, limits: TRESAmounts?, message: String? = nil) {
    (whole, user) = account.placed
    self.outcome = outcome
    self.limits = limits
    self.message = message
  }
}
