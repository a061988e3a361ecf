package import Model
package import Quota

/// The projects' quotas by name.
package struct ProjectTable: Sendable {
  private var table = NameTable<ProjectTag, Entry>()

  struct Entry: Sendable {
    var quota: ProjectQuota
    /// The time of the project's entry in the agenda.
    var wake: Timestamp?
  }

  /// A copy of the quota of `name`.
  package subscript(name: ProjectName) -> ProjectQuota? { table.read(name) { $0.quota } }

  /// Looks at the quota of `name` where it lies.
  func read<Result>(_ name: ProjectName, _ look: (ProjectQuota) -> Result) -> Result? {
    table.read(name) { look($0.quota) }
  }

  /// Where the project lies until the next one is removed.
  func place(of name: ProjectName) -> Int? { table.place(of: name) }

  /// Changes what lies at `place`, or looks at it, without a copy.
  mutating func update<Result>(at place: Int, _ change: (inout Entry) -> Result) -> Result {
    table.update(at: place, change)
  }

  /// Changes the quota of `name`, or looks at it, without a copy. Nil when there is none.
  @discardableResult
  mutating func update<Result>(_ name: ProjectName, _ change: (inout ProjectQuota) -> Result) -> Result? {
    table.update(name) { change(&$0.quota) }
  }

  /// The same for a project's share in `cluster`.
  @discardableResult
  mutating func update<Result>(
    shareOf name: ProjectName, in cluster: ClusterName, _ change: (inout Share) -> Result
  ) -> Result? {
    table.update(name) { $0.quota.shares.update(cluster, change) } ?? nil
  }

  mutating func insert(_ quota: ProjectQuota) {
    if table.update(quota.project.name, { $0.quota = quota }) == nil {
      table.append(Entry(quota: quota), as: quota.project.name)
    }
  }

  mutating func remove(_ name: ProjectName) -> ProjectQuota? { table.remove(name)?.quota }
}
