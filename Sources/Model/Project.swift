/// What an administrator grants: one entry of `projects.yaml`.
package struct Project: Hashable, Codable, Sendable {
  package var name: ProjectName
  /// The project above it, whose caps hold it too; nil at the top.
  package var parent: ProjectName?
  /// The caps: at most this much at once over all clusters, and over the whole subtree.
  package var limits: TRESAmounts
  package var members: NameMap<UserTag, MemberRole>
  package var clusters: NameMap<ClusterTag, ClusterBinding>

  package init(
    name: ProjectName, parent: ProjectName? = nil, limits: TRESAmounts,
    members: NameMap<UserTag, MemberRole> = [:],
    clusters: NameMap<ClusterTag, ClusterBinding>
  ) {
    self.name = name
    self.parent = parent
    self.limits = limits
    self.members = members
    self.clusters = clusters
  }
}

extension Project {
  /// Parent and members may be left out.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decode(ProjectName.self, forKey: .name)
    parent = try container.decodeIfPresent(ProjectName.self, forKey: .parent)
    limits = try container.decode(TRESAmounts.self, forKey: .limits)
    members = try container.decodeIfPresent(NameMap<UserTag, MemberRole>.self, forKey: .members) ?? [:]
    clusters = try container.decode(NameMap<ClusterTag, ClusterBinding>.self, forKey: .clusters)
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
