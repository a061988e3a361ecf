package import Model

/// What an agent holds an account's jobs to when they are submitted.
package struct Rule: Hashable, Sendable {
  /// The project that the account belongs to.
  package let project: ProjectName
  /// What the project may use at once, over all clusters.
  package let caps: TRESAmounts

  package init(project: ProjectName, caps: TRESAmounts) {
    self.project = project
    self.caps = caps
  }
}

/// What becomes of a request.
package enum Decision: Hashable, Sendable {
  /// It may be submitted. What it asks for of a resource without a type is to be of these types.
  case allow(types: [TRES])
  /// It may not, for the reason that the sentence says to whoever submits.
  case deny(String)
}
