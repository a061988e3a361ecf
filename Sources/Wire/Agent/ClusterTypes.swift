package import Model

/// `agent.hello`: who answers, and what may be expected of it.
package struct AgentHello: Codable, Hashable, Sendable {
  package static let currentProtocol = 1
  /// The capability of an agent that writes limits. One that could not ask its cluster yet doesn't say so.
  package static let limits = "limits"
  /// Of one that answers the cluster's own submission, and so takes `admission.apply`.
  package static let admission = "admission"
  /// Of an agent that tells finished work (`charges.list`).
  package static let charges = "charges"
  /// Of an agent that tells users' associations of their accounts, and writes their limits.
  package static let users = "users"

  package var `protocol`: Int
  package var cluster: ClusterName
  /// "slurm", "kubernetes" or "local".
  package var kind: String
  package var agentVersion: String
  /// The cluster software's release, such as "22.05.8"; nil while it has never been reached.
  package var clusterVersion: String?
  /// The release of the library that the agent speaks through.
  package var libraryVersion: String
  /// When the enforcing part (slurmctld) started; nil while it has never been reached.
  package var bootTime: Timestamp?
  package var capabilities: [String]
  package var voids: [LimitVoid]
  package var problems: [ClusterProblem]
  /// The highest write this agent has taken on, ever: what a new term must exceed.
  package var lastWrite: WriteNumber?
  /// Of the last rules of admission that it took: what a new number must exceed.
  package var rules: WriteNumber?
  /// The types that the cluster's jobs are told apart by; nil for none.
  package var jobTypes: [JobType]?

  package init(
    protocol: Int = AgentHello.currentProtocol, cluster: ClusterName, kind: String, agentVersion: String,
    clusterVersion: String?, libraryVersion: String, bootTime: Timestamp?, capabilities: [String],
    voids: [LimitVoid], problems: [ClusterProblem], lastWrite: WriteNumber?,
    rules: WriteNumber? = nil, jobTypes: [JobType]? = nil
  ) {
    self.protocol = `protocol`
    self.cluster = cluster
    self.kind = kind
    self.agentVersion = agentVersion
    self.clusterVersion = clusterVersion
    self.libraryVersion = libraryVersion
    self.bootTime = bootTime
    self.capabilities = capabilities
    self.voids = voids
    self.problems = problems
    self.lastWrite = lastWrite
    self.rules = rules
    self.jobTypes = jobTypes
  }
}

/// What an agent finds wrong: a sentence for people, and its kind, by which sluiced knows what to do about it.
package struct ClusterProblem: Codable, Hashable, Sendable {
  package enum Kind: String, Codable, Sendable {
    /// The part that enforces limits doesn't answer (slurmctld).
    case controller
    /// The part that limits are written to doesn't answer (slurmdbd).
    case accounting
    /// Releases that don't go together.
    case release
  }

  package var kind: Kind
  package var message: String

  package init(kind: Kind, message: String) {
    self.kind = kind
    self.message = message
  }
}

/// One reason why a native limit may not hold (DESIGN rule 8).
package struct LimitVoid: Codable, Hashable, Sendable {
  package enum Kind: String, Codable, Sendable {
    /// `AccountingStorageEnforce` lacks `limits`.
    case notEnforced = "not_enforced"
    /// The cluster doesn't track this TRES.
    case untracked
    /// A reachable QOS has its own limit or factor, which overrides the association's.
    case qos
    /// A cap on a GPU type, where jobs may ask for GPUs without a type.
    case untypedRequests = "untyped_requests"
    /// An operator changed a job so that it escapes its limit.
    case operatorOverride = "operator_override"
    /// A user has associations by partition in the account, and each has limits of its own.
    case partitionAssociations = "partition_associations"
    /// Nothing has jobs of this type counted.
    case uncountedJobs = "uncounted_jobs"
  }

  package var kind: Kind
  /// The one account concerned, or a user's association in it; every account when nil.
  package var account: AccountName? {
    get { whole.map { whole in user.map { .user($0, of: whole) } ?? whole } }
    set { (whole, user) = (newValue?.whole, newValue?.parts?.user) }
  }
  private var whole: AccountName?
  private var user: UserName?
  /// The one TRES concerned; every TRES when nil.
  package var tres: TRES?
  /// A sentence for people, which names the QOS, setting or job.
  package var reason: String

  private enum CodingKeys: String, CodingKey {
    case kind
    case whole = "account"
    case user, tres, reason
  }

  package init(kind: Kind, account: AccountName? = nil, tres: TRES? = nil, reason: String) {
    self.kind = kind
    (whole, user) = (account?.whole, account?.parts?.user)
    self.tres = tres
    self.reason = reason
  }
}

/// `cluster.get`.
package struct ClusterDetail: Codable, Hashable, Sendable {
  package var hello: AgentHello
  /// Seconds since the cluster last answered; nil when it never has.
  package var age: Double?
  package var capacity: TRESAmounts
  package var free: TRESAmounts
  package var nodes: NodeCounts
  package var partitions: [PartitionDetail]
  /// When running jobs are expected to end: for each of the next moments, what will be free by then.
  package var releases: [Release]

  package init(
    hello: AgentHello, age: Double?, capacity: TRESAmounts, free: TRESAmounts, nodes: NodeCounts,
    partitions: [PartitionDetail], releases: [Release]
  ) {
    self.hello = hello
    self.age = age
    self.capacity = capacity
    self.free = free
    self.nodes = nodes
    self.partitions = partitions
    self.releases = releases
  }
}

package struct NodeCounts: Codable, Hashable, Sendable {
  package var total: Int
  /// Able to take work: not down, drained or failing.
  package var usable: Int
  package var busy: Int

  package init(total: Int, usable: Int, busy: Int) {
    self.total = total
    self.usable = usable
    self.busy = busy
  }
}

package struct PartitionDetail: Codable, Hashable, Sendable {
  package var name: String
  package var isDefault: Bool
  package var state: String
  package var nodes: Int
  package var capacity: TRESAmounts
  /// Seconds; nil without a limit.
  package var timeLimit: Int64?
  package var qos: String?
  package var allowedAccounts: [String]
  package var allowedQos: [String]

  package init(
    name: String, isDefault: Bool, state: String, nodes: Int, capacity: TRESAmounts, timeLimit: Int64?,
    qos: String?, allowedAccounts: [String], allowedQos: [String]
  ) {
    self.name = name
    self.isDefault = isDefault
    self.state = state
    self.nodes = nodes
    self.capacity = capacity
    self.timeLimit = timeLimit
    self.qos = qos
    self.allowedAccounts = allowedAccounts
    self.allowedQos = allowedQos
  }
}

package struct Release: Codable, Hashable, Sendable {
  package var at: Timestamp
  /// What the jobs that are expected to end at `at` give back.
  package var freed: TRESAmounts

  package init(at: Timestamp, freed: TRESAmounts) {
    self.at = at
    self.freed = freed
  }
}
