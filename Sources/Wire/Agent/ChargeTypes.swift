package import Model

/// `charges.list`: work that has ended, each record once.
package struct ChargesRequest: Codable, Hashable, Sendable {
  /// What the page before gave; from there on.
  package var cursor: String?
  /// Without a cursor: work that ended since then; if that isn't said either, since now.
  package var since: Timestamp?
  /// 1 to 1000, 100 when not said.
  package var limit: Int?

  package init(cursor: String? = nil, since: Timestamp? = nil, limit: Int? = nil) {
    self.cursor = cursor
    self.since = since
    self.limit = limit
  }
}

/// The answer. The cursor is always there, for there is always more to come: the next work that ends.
package struct ChargesPage: Codable, Hashable, Sendable {
  package var cluster: ClusterName
  package var charges: [Charge]
  package var cursor: String
  /// Whether there is more by now.
  package var more: Bool

  package init(cluster: ClusterName, charges: [Charge], cursor: String, more: Bool) {
    self.cluster = cluster
    self.charges = charges
    self.cursor = cursor
    self.more = more
  }
}

/// One allocation that has ended, as the cluster's accounting has it. A job that was requeued or resized had
/// several: job, submission and start together are told once.
package struct Charge: Codable, Hashable, Sendable {
  /// The cluster's own id, such as "1234".
  package var job: String
  package var submitTime: Timestamp
  package var startTime: Timestamp
  package var endTime: Timestamp
  /// From start to end, less the time that it was suspended.
  package var seconds: Int64
  package var user: String
  package var account: String
  /// The accounts above it, from the inside out, without the root, as they are now; empty when the account is gone.
  package var above: [String]
  package var partition: String
  package var qos: String?
  /// How it ended, such as "completed", or "requeued".
  package var state: String
  /// What it held all that time.
  package var allocated: TRESAmounts
  package var arrayJobId: String?
  package var arrayTask: Int?
  package var hetJobId: String?
  package var hetOffset: Int?

  package init(
    job: String, submitTime: Timestamp, startTime: Timestamp, endTime: Timestamp, seconds: Int64,
    user: String,
    account: String, above: [String] = [], partition: String, qos: String?, state: String,
    allocated: TRESAmounts, arrayJobId: String? = nil, arrayTask: Int? = nil, hetJobId: String? = nil,
    hetOffset: Int? = nil
  ) {
    self.job = job
    self.submitTime = submitTime
    self.startTime = startTime
    self.endTime = endTime
    self.seconds = seconds
    self.user = user
    self.account = account
    self.above = above
    self.partition = partition
    self.qos = qos
    self.state = state
    self.allocated = allocated
    self.arrayJobId = arrayJobId
    self.arrayTask = arrayTask
    self.hetJobId = hetJobId
    self.hetOffset = hetOffset
  }
}
