package import Model

/// `project.set`: creates the project or replaces its grant.
package struct ProjectSet: Codable, Hashable, Sendable {
  package var project: Project
  package var acceptUnenforced: Bool?
  package var reason: String?

  package init(project: Project, acceptUnenforced: Bool? = nil, reason: String? = nil) {
    self.project = project
    self.acceptUnenforced = acceptUnenforced
    self.reason = reason
  }
}

/// `plan.preview` and `plan.apply`: a whole `projects.yaml`. Projects it doesn't name stay as they are.
package struct PlanRequest: Codable, Hashable, Sendable {
  package static let mostProjects = 10_000

  package var projects: [Project]
  package var acceptUnenforced: Bool?
  package var reason: String?

  package init(projects: [Project], acceptUnenforced: Bool? = nil, reason: String? = nil) {
    self.projects = projects
    self.acceptUnenforced = acceptUnenforced
    self.reason = reason
  }
}

/// What applying would do, or did. `apply` is all or nothing: one refusal leaves everything as it was.
package struct Plan: Codable, Hashable, Sendable {
  package var steps: [PlanStep]
  /// True when nothing forbids applying it.
  package var isApplicable: Bool

  package init(steps: [PlanStep]) {
    self.steps = steps
    isApplicable = steps.allSatisfy { $0.refusals.isEmpty }
  }
}

package struct PlanStep: Codable, Hashable, Sendable {
  package enum Action: String, Codable, Sendable {
    case create, change, keep
  }

  package var project: ProjectName
  package var action: Action
  package var changes: [FieldChange]
  /// Why this can't be applied, in sentences.
  package var refusals: [String]
  /// What to know before applying it.
  package var warnings: [String]

  package init(
    project: ProjectName, action: Action, changes: [FieldChange], refusals: [String], warnings: [String]
  ) {
    self.project = project
    self.action = action
    self.changes = changes
    self.refusals = refusals
    self.warnings = warnings
  }
}

package struct FieldChange: Codable, Hashable, Sendable {
  /// As in projects.yaml, such as `limits.cpu` or `members.alice`.
  package var field: String
  package var from: String?
  package var to: String?

  package init(field: String, from: String?, to: String?) {
    self.field = field
    self.from = from
    self.to = to
  }
}
