internal import Core
internal import Model
internal import Quota
internal import Wire

extension PlanStep {
  /// What setting `project` would change, and what speaks against it.
  init(setting project: Project, acceptsUnenforced: Bool, in state: State, prospects: Prospects) {
    let old = state.projects[project.name]
    let accepts = acceptsUnenforced || (old?.acceptsUnenforced ?? false)
    let findings = state.findings(for: project, acceptsUnenforced: accepts, above: prospects.above)
    let changes = Self.changes(from: old?.project, to: project)
    self.init(
      project: project.name, action: old == nil ? .create : changes.isEmpty ? .keep : .change,
      changes: changes,
      refusals: findings.refusals.map(\.description), warnings: findings.warnings)
  }

  private static func changes(from old: Project?, to new: Project) -> [FieldChange] {
    let parent = fields(
      from: (old?.parent).map { [("parent", $0.text)] } ?? [],
      to: new.parent.map { [("parent", $0.text)] } ?? [])
    let amounts: [(String, TRESAmounts?, TRESAmounts)] = [
      ("limits", old?.limits, new.limits), ("borrow", old?.borrow, new.borrow), ("lend", old?.lend, new.lend),
      ("per_user", old?.perUser, new.perUser),
    ]
    let limits = amounts.flatMap { prefix, old, new in
      fields(
        prefix, from: (old ?? [:]).map { ($0.0.name, $0.1.text(of: $0.0)) },
        to: new.map { ($0.0.name, $0.1.text(of: $0.0)) })
    }
    let members = fields(
      "members", from: old.map { $0.members.map { ($0.name.text, $0.value.rawValue) } } ?? [],
      to: new.members.map { ($0.name.text, $0.value.rawValue) })
    let clusters = fields(
      "clusters", from: old.map { $0.clusters.map { ($0.name.text, $0.value.text) } } ?? [],
      to: new.clusters.map { ($0.name.text, $0.value.text) })
    let budget = fields(
      "budget", from: old?.budget.map(\.fields) ?? [], to: new.budget.map(\.fields) ?? [])
    return parent + limits + budget + members + clusters
  }

  private static func fields(
    _ prefix: String? = nil, from old: [(String, String)], to new: [(String, String)]
  ) -> [FieldChange] {
    let before = Dictionary(old) { first, _ in first }
    let after = Dictionary(new) { first, _ in first }
    return Set(before.keys).union(after.keys).sorted().compactMap { key in
      before[key] == after[key]
        ? nil
        : FieldChange(field: prefix.map { "\($0).\(key)" } ?? key, from: before[key], to: after[key])
    }
  }

  /// Each change as a line of the audit has it.
  func audited(_ side: (FieldChange) -> String?) -> String? {
    let parts = changes.compactMap { change in side(change).map { "\(change.field)=\($0)" } }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }
}

extension Budget {
  /// As projects.yaml has them.
  fileprivate var fields: [(String, String)] {
    tres.map { ("tres.\($0)", $1.hoursText(of: $0)) } + [
      ("period", period.text), ("carryover", "\(carryover)%"), ("when_spent", whenSpent.rawValue),
    ] + weights.map { ("weights.\($0)", $1.text(of: .cpu)) }
  }
}

extension ClusterBinding {
  fileprivate var text: String { parent.map { "\(account) under \($0)" } ?? account.text }
}

extension Project {
  /// What an older ledger has is still read, but nobody can write it any more: it would be another cap on the same jobs.
  func checkNames() throws(Failure) {
    let fields = [
      ("limits", limits), ("borrow", borrow), ("lend", lend), ("per_user", perUser),
      ("budget.tres", budget?.tres ?? [:]),
    ]
    for (field, amounts) in fields {
      for tres in amounts.names {
        guard let type = tres.licensedType else { continue }
        throw Failure(
          .badParameters,
          "project \(name): \(field).\(tres): this license stands for a type of jobs: write \(type.tres)")
      }
    }
  }
}

extension PlanRequest {
  /// The places of the projects in `projects`, each after its parent where both are there.
  var parentsFirst: [Int] {
    var places: [ProjectName: Int] = [:]
    for (place, project) in projects.enumerated() { places[project.name] = place }
    var order: [Int] = []
    var isTaken = [Bool](repeating: false, count: projects.count)
    for place in projects.indices {
      var path: [Int] = []
      var next: Int? = place
      // Marked on the way up, so that a loop ends: one of its projects is then refused.
      while let current = next, !isTaken[current] {
        isTaken[current] = true
        path.append(current)
        next = projects[current].parent.flatMap { places[$0] }
      }
      order += path.reversed()
    }
    return order
  }

  /// The number of them, names that can't be, names given twice, an account taken twice.
  func check() throws(Failure) {
    guard projects.count <= Self.mostProjects else {
      throw Failure(
        .badParameters, "projects: at most \(Self.mostProjects) at once, these are \(projects.count)")
    }
    var names: Set<ProjectName> = []
    var owners: [String: ProjectName] = [:]
    for project in projects {
      try project.checkNames()
      guard names.insert(project.name).inserted else {
        throw Failure(.badParameters, "projects: \(project.name) is there twice")
      }
      for (cluster, binding) in project.clusters {
        let place = "\(cluster)/\(binding.account)"
        if let owner = owners.updateValue(project.name, forKey: place) {
          throw Failure(
            .badParameters,
            "projects: \(owner) and \(project.name) both have account \(binding.account) on \(cluster)")
        }
      }
    }
  }
}
