package import Model
package import Quota

/// The projects' quotas by name. Each is changed where it lies: a Dictionary would move a value of this size out
/// and back for every change. Whoever has more than one thing to do with a project looks up its place once.
package struct ProjectTable: Sendable {
  private var places: [ProjectName: Int] = [:]
  private var entries: [Entry] = []

  struct Entry: Sendable {
    var quota: ProjectQuota
    /// The time of the project's entry in the agenda.
    var wake: Timestamp?
  }

  /// A copy of the quota of `name`.
  package subscript(name: ProjectName) -> ProjectQuota? { places[name].map { entries[$0].quota } }

  /// Looks at the quota of `name` where it lies.
  func read<Result>(_ name: ProjectName, _ look: (ProjectQuota) -> Result) -> Result? {
    places[name].map { look(entries.span[$0].quota) }
  }

  /// Where the project lies until the next one is removed.
  func place(of name: ProjectName) -> Int? { places[name] }

  /// Changes what lies at `place`, or looks at it, without a copy.
  mutating func update<Result>(at place: Int, _ change: (inout Entry) -> Result) -> Result {
    change(&entries[place])
  }

  /// Changes the quota of `name`, or looks at it, without a copy. Nil when there is none.
  @discardableResult
  mutating func update<Result>(_ name: ProjectName, _ change: (inout ProjectQuota) -> Result) -> Result? {
    guard let place = places[name] else { return nil }
    return change(&entries[place].quota)
  }

  /// The same for a project's share in `cluster`.
  @discardableResult
  mutating func update<Result>(
    shareOf name: ProjectName, in cluster: ClusterName, _ change: (inout Share) -> Result
  ) -> Result? {
    guard let place = places[name] else { return nil }
    return entries[place].quota.shares.update(cluster, change)
  }

  mutating func insert(_ quota: ProjectQuota) {
    if let place = places[quota.project.name] {
      entries[place].quota = quota
    } else {
      places[quota.project.name] = entries.count
      entries.append(Entry(quota: quota))
    }
  }

  mutating func remove(_ name: ProjectName) -> ProjectQuota? {
    guard let place = places.removeValue(forKey: name) else { return nil }
    let removed = entries[place].quota
    // The last one fills the gap.
    let last = entries.removeLast()
    if place < entries.count {
      entries[place] = last
      places[last.quota.project.name] = place
    }
    return removed
  }
}
