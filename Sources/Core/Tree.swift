package import Model
package import Quota

// The tree of projects. A project's cap holds all that is below it: where each project's account lies under its parent's,
// the cluster itself adds them up, so that each project divides its own cap as if it were alone.
extension State {
  /// Levels of projects below one another.
  static let deepestProject = 16

  /// The project and those above it, from the inside out. What isn't there ends it.
  package func lineage(of name: ProjectName) -> [ProjectQuota] {
    var lineage: [ProjectQuota] = []
    var next: ProjectName? = name
    while lineage.count <= Self.deepestProject, let quota = next.flatMap({ projects[$0] }) {
      lineage.append(quota)
      next = quota.project.parent
    }
    return lineage
  }

  package func children(of name: ProjectName) -> [ProjectName] { children[name] ?? [] }

  /// Those beside it that lend, in order.
  func lenders(beside name: ProjectName) -> [ProjectName] {
    let parent = projects[name]?.project.parent
    return (parent.flatMap { lenders[$0] } ?? []).filter { $0 != name }
  }

  /// Keeps the indexes of the tree true when a project becomes `new`.
  mutating func adopt(_ child: ProjectName, from old: Project?, to new: Project?) {
    Self.move(child, from: old?.parent, to: new?.parent, in: &children)
    let oldLending = old.flatMap { $0.lend.isEmpty ? nil : $0.parent }
    let newLending = new.flatMap { $0.lend.isEmpty ? nil : $0.parent }
    Self.move(child, from: oldLending, to: newLending, in: &lenders)
  }

  /// Moves a name from one list of an index to another, each in order, and none of them empty.
  static func move(
    _ name: ProjectName, from old: ProjectName?, to new: ProjectName?,
    in index: inout [ProjectName: [ProjectName]]
  ) {
    guard old != new else { return }
    if let old {
      index[old]?.removeAll { $0 == name }
      if index[old]?.isEmpty ?? false { index[old] = nil }
    }
    if let new {
      let others = index[new] ?? []
      index[new, default: []].insert(name, at: others.partitionPoint { $0 < name })
    }
  }

  /// The account of the project above in that cluster, under which this one's must lie.
  package func accountAbove(_ project: Project, in cluster: ClusterName) -> AccountName? {
    project.parent.flatMap { projects[$0] }?.project.clusters[cluster]?.account
  }

  /// Why the project can't stand where its `parent` says.
  func treeRefusals(for project: Project) -> [Refusal] {
    guard let parent = project.parent else { return [] }
    let above = lineage(of: parent)
    guard let first = above.first else { return [.unknownParent(parent)] }
    guard !above.contains(where: { $0.project.name == project.name }) else { return [.ownAncestor(parent)] }
    let levels = above.count + height(of: project.name)
    guard levels <= Self.deepestProject else { return [.tooDeep(levels, most: Self.deepestProject)] }
    return project.clusters.names.filter { first.project.clusters[$0] == nil }.map {
      .parentElsewhere($0, parent)
    }
  }

  /// Levels from the project down, itself included.
  private func height(of name: ProjectName) -> Int {
    var level = [name]
    var height = 0
    while !level.isEmpty, height <= Self.deepestProject {
      height += 1
      level = level.flatMap { children(of: $0) }
    }
    return height
  }

  /// What the project above would never let this one use.
  func treeWarnings(for project: Project) -> [String] {
    guard let parent = project.parent.flatMap({ projects[$0] }) else { return [] }
    return project.limits.compactMap { tres, cap in
      guard let most = parent.caps[tres], cap > most else { return nil }
      return
        "limits.\(tres): \(cap.text(of: tres)) is more than the \(most.text(of: tres)) of \(parent.project.name), "
        + "which hold it too"
    }
  }

  /// Where the account lies elsewhere than under the parent's: what runs there doesn't count against the parent.
  ///
  /// - Parameter above: The accounts above one that no project has yet; nil where it is not known, or isn't there.
  func treeGaps(
    of project: Project, above: (ClusterName, AccountName) -> [AccountName]?
  ) -> [LimitGap] {
    project.clusters.compactMap { cluster, binding in
      guard let holder = accountAbove(project, in: cluster) else { return nil }
      let share = share(of: project.name, in: cluster)
      let known = share?.account == binding.account ? share?.seen : nil
      let path = known.map { $0.accountExists ? $0.above : nil } ?? above(cluster, binding.account)
      guard let path, !path.contains(holder) else { return nil }
      return LimitGap(
        account: binding.account, tres: nil,
        reason:
          "\(cluster): account \(binding.account) does not lie under \(holder), so that what it uses does not "
          + "count against the caps of \(project.parent?.text ?? "its parent")",
        cure: "move it with 'sacctmgr modify account \(binding.account) set parent=\(holder)'")
    }
  }
}
