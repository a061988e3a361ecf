/// What an administrator grants: one entry of `projects.yaml`.
package struct Project: Hashable, Codable, Sendable {
  package var name: ProjectName
  /// The project above it, whose caps hold it too; nil at the top.
  package var parent: ProjectName?
  /// The caps: at most this much at once over all clusters, and over the whole subtree.
  package var limits: TRESAmounts
  /// Beyond the caps, the most that it may have of what its siblings leave idle.
  package var borrow: TRESAmounts
  /// Of the caps, the most that its siblings may have while it leaves that idle.
  package var lend: TRESAmounts
  /// TRES-time over a period; nil for none.
  package var budget: Budget?
  package var members: NameMap<UserTag, MemberRole>
  package var clusters: NameMap<ClusterTag, ClusterBinding>

  package init(
    name: ProjectName, parent: ProjectName? = nil, limits: TRESAmounts,
    borrow: TRESAmounts = [:], lend: TRESAmounts = [:], budget: Budget? = nil,
    members: NameMap<UserTag, MemberRole> = [:],
    clusters: NameMap<ClusterTag, ClusterBinding>
  ) {
    self.name = name
    self.parent = parent
    self.limits = limits
    self.borrow = borrow
    self.lend = lend
    self.budget = budget
    self.members = members
    self.clusters = clusters
  }
}

extension Project {
  private enum CodingKeys: CodingKey {
    case name, parent, limits, borrow, lend, budget, members, clusters
  }

  /// Parent, borrow, lend, budget and members may be left out.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(ProjectName.self, forKey: .name)
    parent = try container.decodeIfPresent(ProjectName.self, forKey: .parent)
    limits = try container.decode(TRESAmounts.self, forKey: .limits)
    borrow = try container.decodeIfPresent(TRESAmounts.self, forKey: .borrow) ?? [:]
    lend = try container.decodeIfPresent(TRESAmounts.self, forKey: .lend) ?? [:]
    budget = try container.decodeIfPresent(Budget.self, forKey: .budget)
    members = try container.decodeIfPresent(NameMap<UserTag, MemberRole>.self, forKey: .members) ?? [:]
    clusters = try container.decode(NameMap<ClusterTag, ClusterBinding>.self, forKey: .clusters)
  }

  /// What most projects don't have is left out.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encodeIfPresent(parent, forKey: .parent)
    try container.encode(limits, forKey: .limits)
    if !borrow.isEmpty { try container.encode(borrow, forKey: .borrow) }
    if !lend.isEmpty { try container.encode(lend, forKey: .lend) }
    try container.encodeIfPresent(budget, forKey: .budget)
    try container.encode(members, forKey: .members)
    try container.encode(clusters, forKey: .clusters)
  }
}

package enum MemberRole: String, Codable, CaseIterable, Sendable {
  /// Manages the project's queues and members, never its quota.
  case admin
  case user
}

/// Where a project lives in one cluster.
package struct ClusterBinding: Hashable, Codable, Sendable {
  package var account: AccountName
  /// The account to create it under when it is not there yet; when nil, the parent project's there, or else the
  /// cluster's root.
  package var parent: AccountName?

  package init(account: AccountName, parent: AccountName? = nil) {
    self.account = account
    self.parent = parent
  }
}
