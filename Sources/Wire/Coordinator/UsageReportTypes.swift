package import Model

/// `usage.report`: TRES-hours of work that has ended.
package struct UsageReportRequest: Codable, Hashable, Sendable {
  /// What rows are told apart by, beside the TRES.
  package enum Dimension: String, Codable, CaseIterable, Comparable, Sendable {
    case project, user, cluster, tres, month

    package static func < (left: Dimension, right: Dimension) -> Bool {
      (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
    }
  }

  /// By project, when not said. The TRES always is one.
  package var by: [Dimension]?
  /// Only this project and those below it.
  package var project: ProjectName?
  package var cluster: ClusterName?
  package var tres: TRES?
  /// Only what was used from then on, and until then: work across a border counts by its part.
  package var since: Timestamp?
  package var until: Timestamp?
  package var limit: Int?
  package var cursor: String?

  package init(
    by: [Dimension]? = nil, project: ProjectName? = nil, cluster: ClusterName? = nil, tres: TRES? = nil,
    since: Timestamp? = nil, until: Timestamp? = nil, limit: Int? = nil, cursor: String? = nil
  ) {
    self.by = by
    self.project = project
    self.cluster = cluster
    self.tres = tres
    self.since = since
    self.until = until
    self.limit = limit
    self.cursor = cursor
  }
}

/// A row of it. What it isn't told apart by is not there; neither is the project of work under an account that
/// was no project's.
package struct UsageLine: Codable, Hashable, Sendable {
  package var project: String?
  package var user: String?
  package var cluster: String?
  /// Such as `2026-11`, in UTC.
  package var month: String?
  package var tres: TRES
  /// The TRES in its base unit times hours: core hours, byte hours.
  package var hours: Double

  package init(
    project: String? = nil, user: String? = nil, cluster: String? = nil, month: String? = nil, tres: TRES,
    hours: Double
  ) {
    self.project = project
    self.user = user
    self.cluster = cluster
    self.month = month
    self.tres = tres
    self.hours = hours
  }
}
