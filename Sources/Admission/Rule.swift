package import Model

/// What an agent holds an account's jobs to when they are submitted.
package struct Rule: Hashable, Sendable {
  /// A project whose caps hold the account.
  package struct Holder: Hashable, Sendable {
    package let project: ProjectName
    /// What it may use at once, over all clusters.
    package let caps: TRESAmounts
    /// Whether that is what each of its users may.
    package let isPerUser: Bool
    /// Resources of which it caps a type, such as `gres/gpu` for `gres/gpu:h100`; each once.
    let typedResources: [TRES]
    /// Budgets that it has spent, and for which it refuses jobs that would use some of them.
    package let spent: [SpentBudget]

    package init(
      project: ProjectName, caps: TRESAmounts, isPerUser: Bool = false, spent: [SpentBudget] = []
    ) {
      self.project = project
      self.caps = caps
      self.isPerUser = isPerUser
      self.spent = spent
      typedResources = caps.typedResources
    }
  }

  /// The account's own project, then those above it; last the caps per user.
  package let holders: [Holder]

  package init(holders: [Holder]) { self.holders = holders }
}

/// What becomes of a request.
package enum Decision: Hashable, Sendable {
  /// It may be submitted. What it asks for of a resource without a type is to be of these types.
  case allow(types: [TRES])
  /// It may not, for the reason that the sentence says to whoever submits.
  case deny(String)
}

extension TRESAmounts {
  /// Resources of which a type is named; each once.
  var typedResources: [TRES] {
    var resources: [TRES] = []
    for resource in names.compactMap(\.resource) where resources.last != resource {
      resources.append(resource)
    }
    return resources
  }
}

extension TRES {
  /// What this is a type of: `gres/gpu` for `gres/gpu:h100`; nil when it is no type of a resource.
  var resource: TRES? { name.hasPrefix("gres/") ? untyped : nil }

  /// Whether jobs that don't ask for it use none.
  var mustBeAskedFor: Bool { name.hasPrefix("gres/") || name.hasPrefix("license/") || jobType != nil }
}
