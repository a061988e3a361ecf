package import Model

/// `admission.apply`: what the agent is to hold jobs to when they are submitted. A message changes what it names and
/// leaves the rest; a whole set is several of them, the last of which says `since`. Refused as `outdated` when its
/// number is not above that of the last one taken.
package struct AdmissionRules: Codable, Hashable, Sendable {
  package static let mostAccounts = 500

  package var term: Int64
  package var sequence: Int64
  package var accounts: [AccountRule]
  /// Accounts that have no rule any more, unless `accounts` names them too.
  package var gone: [AccountName]
  /// Ends a whole set: accounts that were not told since this number have no rule any more.
  package var since: WriteNumber?

  package init(
    number: WriteNumber, accounts: [AccountRule], gone: [AccountName] = [], since: WriteNumber? = nil
  ) {
    term = number.term
    sequence = number.sequence
    self.accounts = accounts
    self.gone = gone
    self.since = since
  }

  package var number: WriteNumber { WriteNumber(term: term, sequence: sequence) }
}

extension AdmissionRules {
  /// `accounts` and `gone` may be left out.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    term = try container.decode(Int64.self, forKey: .term)
    sequence = try container.decode(Int64.self, forKey: .sequence)
    accounts = try container.decodeIfPresent([AccountRule].self, forKey: .accounts) ?? []
    gone = try container.decodeIfPresent([AccountName].self, forKey: .gone) ?? []
    since = try container.decodeIfPresent(WriteNumber.self, forKey: .since)
  }
}

/// What one account's jobs are held to.
package struct AccountRule: Codable, Hashable, Sendable {
  package var account: AccountName
  /// The account's own project, then those above it that have a lower cap on something, or refuse for a spent budget; last
  /// the caps per user.
  package var holders: [CapHolder]

  package init(account: AccountName, holders: [CapHolder]) {
    self.account = account
    self.holders = holders
  }
}

/// A project whose caps hold an account.
package struct CapHolder: Codable, Hashable, Sendable {
  package var project: ProjectName
  /// What it may use at once, over all clusters.
  package var caps: TRESAmounts
  /// Whether that is what each of its users may; nil for no.
  package var isPerUser: Bool?
  /// Budgets for which it refuses jobs that would use some of them.
  package var spent: [SpentBudget]

  package init(
    project: ProjectName, caps: TRESAmounts, isPerUser: Bool? = nil, spent: [SpentBudget] = []
  ) {
    self.project = project
    self.caps = caps
    self.isPerUser = isPerUser
    self.spent = spent
  }
}

extension CapHolder {
  private enum CodingKeys: CodingKey { case project, caps, isPerUser, spent }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    project = try container.decode(ProjectName.self, forKey: .project)
    caps = try container.decode(TRESAmounts.self, forKey: .caps)
    isPerUser = try container.decodeIfPresent(Bool.self, forKey: .isPerUser)
    spent = try container.decodeIfPresent([SpentBudget].self, forKey: .spent) ?? []
  }

  /// Most have no budget, and say nothing of it.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(project, forKey: .project)
    try container.encode(caps, forKey: .caps)
    try container.encodeIfPresent(isPerUser, forKey: .isPerUser)
    if !spent.isEmpty { try container.encode(spent, forKey: .spent) }
  }
}

/// The answer of `admission.apply`.
package struct AdmissionRulesResult: Codable, Hashable, Sendable {
  /// How many accounts have a rule now.
  package var accounts: Int
  package init(accounts: Int) { self.accounts = accounts }
}

/// `admission.check`: a job that is about to be submitted, or changed. Nothing is counted.
package struct AdmissionRequest: Codable, Hashable, Sendable {
  /// What the job itself says; nil when it doesn't. As the cluster has it: of one that is no name for Sluice there is
  /// no rule.
  package var account: String?
  /// What the cluster takes for a job that says none; nil when the user has none.
  package var defaultAccount: String?
  package var user: String
  package var partition: String?
  /// What the job itself says; nil when it doesn't.
  package var qos: String?
  /// What the cluster takes for a job that says none.
  package var defaultQos: String?
  /// Or its beginning.
  package var comment: String?
  /// What the job asks for; of an array, one task.
  package var tres: TRESAmounts
  /// What it has whole of its nodes; nil for nothing.
  package var wholeNodes: WholeNodes?

  package init(
    account: String?, defaultAccount: String? = nil, user: String, partition: String? = nil,
    qos: String? = nil, defaultQos: String? = nil, comment: String? = nil, tres: TRESAmounts,
    wholeNodes: WholeNodes? = nil
  ) {
    self.account = account
    self.defaultAccount = defaultAccount
    self.user = user
    self.partition = partition
    self.qos = qos
    self.defaultQos = defaultQos
    self.comment = comment
    self.tres = tres
    self.wholeNodes = wholeNodes
  }
}

package struct AdmissionDecision: Codable, Hashable, Sendable {
  package enum Word: String, Codable, Sendable { case allow, deny }

  package var decision: Word
  /// Why not, in a sentence for the user; nil when allowed.
  package var message: String?
  /// Types that requests without one are to become, such as `gres/gpu:h100`; nil when there is nothing to rewrite.
  package var types: [TRES]?
  /// The account and QOS that the job is to be given; nil when it keeps what it has.
  package var account: AccountName?
  package var qos: String?
  /// The type that the job is to count as; nil for none.
  package var jobType: JobType?
  /// All types that jobs are told apart by here; nil where they aren't.
  package var jobTypes: [JobType]?

  package init(
    decision: Word, message: String? = nil, types: [TRES]? = nil, account: AccountName? = nil,
    qos: String? = nil, jobType: JobType? = nil, jobTypes: [JobType]? = nil
  ) {
    self.decision = decision
    self.message = message
    self.types = types
    self.account = account
    self.qos = qos
    self.jobType = jobType
    self.jobTypes = jobTypes
  }
}
