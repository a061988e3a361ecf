package import Model

/// A job as its cluster knows it: a row of `jobs.get`, and of each `jobs.changed` after `jobs.watch`.
package struct NativeJob: Codable, Hashable, Sendable {
  package enum State: String, Codable, CaseIterable, Sendable {
    case pending, configuring, running, suspended, completing
    case completed, failed, cancelled, timeout, preempted
    case nodeFailed = "node_failed"
    case outOfMemory = "out_of_memory"
    /// The cluster no longer lists it, and accounting hasn't said how it ended.
    case vanished

    /// Whether it holds quota.
    package var isUsing: Bool {
      switch self {
      case .configuring, .running, .suspended, .vanished: true
      default: false
      }
    }

    package var isEnded: Bool {
      switch self {
      case .pending, .configuring, .running, .suspended, .completing, .vanished: false
      case .completed, .failed, .cancelled, .timeout, .preempted, .nodeFailed, .outOfMemory: true
      }
    }
  }

  /// The cluster's own id, such as "1234".
  package var id: String
  package var name: String
  package var user: String
  package var account: String
  package var partition: String
  package var qos: String?
  package var state: State
  /// The cluster's word for why it waits or how it ended, such as "AssocGrpCpuLimit".
  package var reason: String?
  package var reasonDetail: String?
  package var requested: TRESAmounts
  package var allocated: TRESAmounts
  package var nodes: String?
  package var submitTime: Timestamp
  package var startTime: Timestamp?
  package var endTime: Timestamp?
  /// Seconds; nil without a limit.
  package var timeLimit: Int64?
  package var restarts: Int
  package var exitCode: Int?
  package var arrayJobId: String?
  package var arrayTasks: String?

  package init(
    id: String, name: String, user: String, account: String, partition: String, qos: String?, state: State,
    reason: String?, reasonDetail: String?, requested: TRESAmounts, allocated: TRESAmounts, nodes: String?,
    submitTime: Timestamp, startTime: Timestamp?, endTime: Timestamp?, timeLimit: Int64?, restarts: Int,
    exitCode: Int?, arrayJobId: String?, arrayTasks: String?
  ) {
    self.id = id
    self.name = name
    self.user = user
    self.account = account
    self.partition = partition
    self.qos = qos
    self.state = state
    self.reason = reason
    self.reasonDetail = reasonDetail
    self.requested = requested
    self.allocated = allocated
    self.nodes = nodes
    self.submitTime = submitTime
    self.startTime = startTime
    self.endTime = endTime
    self.timeLimit = timeLimit
    self.restarts = restarts
    self.exitCode = exitCode
    self.arrayJobId = arrayJobId
    self.arrayTasks = arrayTasks
  }
}

/// `jobs.get`, and `jobs.watch` (which ignores `limit` and `cursor`): all jobs that match every field said.
package struct JobsRequest: Codable, Hashable, Sendable {
  package var ids: [String]?
  package var account: AccountName?
  package var user: UserName?
  package var state: NativeJob.State?
  package var limit: Int?
  package var cursor: String?

  package init(
    ids: [String]? = nil, account: AccountName? = nil, user: UserName? = nil, state: NativeJob.State? = nil,
    limit: Int? = nil, cursor: String? = nil
  ) {
    self.ids = ids
    self.account = account
    self.user = user
    self.state = state
    self.limit = limit
    self.cursor = cursor
  }
}

/// `jobs.changed`: the jobs that changed or appeared, and the ids of those that are no longer listed.
package struct JobsChanged: Codable, Hashable, Sendable {
  package var jobs: [NativeJob]
  package var gone: [String]
  package init(jobs: [NativeJob], gone: [String]) {
    self.jobs = jobs
    self.gone = gone
  }
}
