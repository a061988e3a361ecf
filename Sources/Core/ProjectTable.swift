package import Model
package import Quota

/// The projects' quotas by name. Each is changed where it lies: a Dictionary would move a value of this size out
/// and back for every change.
package struct ProjectTable: Sendable {
  private var places: [ProjectName: Int] = [:]
  private var quotas: [ProjectQuota] = []

  /// A copy of the quota of `name`.
  package subscript(name: ProjectName) -> ProjectQuota? { places[name].map { quotas[$0] } }

  /// Changes the quota of `name`, or looks at it, without a copy. Nil when there is none.
  @discardableResult
  mutating func update<Result>(_ name: ProjectName, _ change: (inout ProjectQuota) -> Result) -> Result? {
    guard let place = places[name] else { return nil }
    return change(&quotas[place])
  }

  /// The same for a project's share in `cluster`.
  @discardableResult
  mutating func update<Result>(
    shareOf name: ProjectName, in cluster: ClusterName, _ change: (inout Share) -> Result
  ) -> Result? {
    guard let place = places[name] else { return nil }
    return quotas[place].shares.update(cluster, change)
  }

  /// Adds a quota, or puts it in the place of the one of the same name.
  mutating func insert(_ quota: ProjectQuota) {
    if let place = places[quota.project.name] {
      quotas[place] = quota
    } else {
      places[quota.project.name] = quotas.count
      quotas.append(quota)
    }
  }

  mutating func remove(_ name: ProjectName) -> ProjectQuota? {
    guard let place = places.removeValue(forKey: name) else { return nil }
    let quota = quotas[place]
    // The last one fills the gap.
    let last = quotas.removeLast()
    if place < quotas.count {
      quotas[place] = last
      places[last.project.name] = place
    }
    return quota
  }
}
