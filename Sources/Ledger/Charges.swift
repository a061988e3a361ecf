/// One allocation of one job that has ended: kept once by cluster, job, submission and start.
package struct ChargeRecord: Hashable, Sendable {
  package var cluster: String
  package var job: String
  /// Seconds since the epoch, as the two below.
  package var submittedAt: Int64
  package var startedAt: Int64
  package var endedAt: Int64
  /// From start to end, less what it was suspended.
  package var seconds: Int64
  /// Whose account it was when the charge came; nil for an account that is no project's.
  package var project: String?
  package var account: String
  package var user: String
  package var partition: String
  package var qos: String?
  package var state: String
  /// What it held, such as `cpu=4,mem=2G`.
  package var tres: String
  /// Of an array or a heterogeneous job, such as `1230_4` or `1240+1`.
  package var partOf: String?

  package init(
    cluster: String, job: String, submittedAt: Int64, startedAt: Int64, endedAt: Int64, seconds: Int64,
    project: String?, account: String, user: String, partition: String, qos: String?, state: String,
    tres: String, partOf: String? = nil
  ) {
    self.cluster = cluster
    self.job = job
    self.submittedAt = submittedAt
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.seconds = seconds
    self.project = project
    self.account = account
    self.user = user
    self.partition = partition
    self.qos = qos
    self.state = state
    self.tres = tres
    self.partOf = partOf
  }
}

/// How far a cluster's charges were asked for, in its agent's words.
package struct ChargeCursorRecord: Hashable, Sendable {
  package var cluster: String
  package var cursor: String

  package init(cluster: String, cursor: String) {
    self.cluster = cluster
    self.cursor = cursor
  }
}

/// Which charges are wanted: those that ran at any time from `since` until `until`, in seconds since the epoch.
package struct ChargeFilter: Hashable, Sendable {
  package var since: Int64
  package var until: Int64
  package var cluster: String?
  /// What whole spans lie in, in UTC: those who cut time at other borders need them told apart by these.
  package var within: Unit

  package enum Unit: String, Sendable { case day, month }

  package init(
    since: Int64 = 0, until: Int64 = .max, cluster: String? = nil, within: Unit = .month
  ) {
    self.since = since
    self.until = until
    self.cluster = cluster
    self.within = within
  }
}

/// Charges of one kind together: so many seconds of `tres`, held between the two moments.
package struct ChargeSpan: Hashable, Sendable {
  package var project: String?
  package var user: String
  package var cluster: String
  package var tres: String
  package var startedAt: Int64
  package var endedAt: Int64
  package var seconds: Int64

  package init(
    project: String?, user: String, cluster: String, tres: String, startedAt: Int64, endedAt: Int64,
    seconds: Int64
  ) {
    self.project = project
    self.user = user
    self.cluster = cluster
    self.tres = tres
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.seconds = seconds
  }
}
