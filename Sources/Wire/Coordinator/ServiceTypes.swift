package import Model

/// `status.get`: the whole of Sluice at a glance.
package struct ServiceStatus: Codable, Hashable, Sendable {
  package var version: String
  package var term: Int64
  package var startedAt: Timestamp
  package var clusters: [ClusterStatus]
  package var projects: ProjectCounts
  package var problems: [Problem]
  /// Who is asking, as the peer credentials tell.
  package var caller: String
  package var role: String

  package init(
    version: String, term: Int64, startedAt: Timestamp, clusters: [ClusterStatus], projects: ProjectCounts,
    problems: [Problem], caller: String, role: String
  ) {
    self.version = version
    self.term = term
    self.startedAt = startedAt
    self.clusters = clusters
    self.projects = projects
    self.problems = problems
    self.caller = caller
    self.role = role
  }
}

package struct ProjectCounts: Codable, Hashable, Sendable {
  package var total: Int
  package var ok: Int
  package var moving: Int
  package var over: Int
  package var spent: Int
  package var unenforced: Int
  package var drift: Int

  package init() {
    total = 0
    ok = 0
    moving = 0
    over = 0
    spent = 0
    unenforced = 0
    drift = 0
  }
}

/// What is wrong, and what to do about it.
package struct Problem: Codable, Hashable, Sendable {
  /// The cluster or project concerned.
  package var subject: String
  package var message: String
  package var advice: String

  package init(subject: String, message: String, advice: String) {
    self.subject = subject
    self.message = message
    self.advice = advice
  }
}

/// A row of `cluster.list`; `cluster.get` gives one.
package struct ClusterStatus: Codable, Hashable, Sendable {
  package enum State: String, Codable, Sendable {
    case ready
    /// Its agent answers, but not the cluster behind it.
    case stale
    /// Its agent can't be reached.
    case unreachable
  }

  package var cluster: ClusterName
  package var address: String
  package var state: State
  package var isDrained: Bool
  package var kind: String?
  package var clusterVersion: String?
  package var agentVersion: String?
  package var bootTime: Timestamp?
  /// Seconds since the cluster last answered its agent.
  package var age: Double?
  package var capacity: TRESAmounts
  package var free: TRESAmounts
  package var voids: [LimitVoid]
  package var problems: [Problem]

  package init(cluster: ClusterName, address: String, state: State, isDrained: Bool) {
    self.cluster = cluster
    self.address = address
    self.state = state
    self.isDrained = isDrained
    capacity = TRESAmounts()
    free = TRESAmounts()
    voids = []
    problems = []
  }
}

/// `cluster.get`, `cluster.drain`, `cluster.resume`.
package struct ClusterRequest: Codable, Hashable, Sendable {
  package var cluster: ClusterName
  package var reason: String?
  package init(cluster: ClusterName, reason: String? = nil) {
    self.cluster = cluster
    self.reason = reason
  }
}

/// `audit.list`: newest first.
package struct AuditRequest: Codable, Hashable, Sendable {
  package var project: ProjectName?
  package var cluster: ClusterName?
  /// Both ends count.
  package var since: Timestamp?
  package var until: Timestamp?
  package var limit: Int?
  package var cursor: String?

  package init(
    project: ProjectName? = nil, cluster: ClusterName? = nil, since: Timestamp? = nil,
    until: Timestamp? = nil,
    limit: Int? = nil, cursor: String? = nil
  ) {
    self.project = project
    self.cluster = cluster
    self.since = since
    self.until = until
    self.limit = limit
    self.cursor = cursor
  }
}

/// One change: by a person, or a move of an allotment by Sluice itself.
package struct AuditEntry: Codable, Hashable, Sendable {
  package var id: Int64
  package var at: Timestamp
  /// A user's name, or "sluice".
  package var who: String
  /// Such as `project.set` or `allotment`.
  package var action: String
  package var project: String?
  package var cluster: String?
  package var from: String?
  package var to: String?
  package var reason: String?

  package init(
    id: Int64, at: Timestamp, who: String, action: String, project: String?, cluster: String?, from: String?,
    to: String?, reason: String?
  ) {
    self.id = id
    self.at = at
    self.who = who
    self.action = action
    self.project = project
    self.cluster = cluster
    self.from = from
    self.to = to
    self.reason = reason
  }
}
