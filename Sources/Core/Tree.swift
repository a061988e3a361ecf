package import Model
package import Quota

// The tree of projects. A project's cap holds all that is below it: where each project's account lies under its parent's,
// the cluster itself adds them up, so that each project divides its own cap as if it were alone.
extension State {
  /// Levels of projects below one another.
  package static let deepestProject = 16

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

  /// Of those beside it that lend, as many as it asks: the next ones by name, as in a ring.
  func lenders(beside name: ProjectName) -> [ProjectName] {
    guard let all = projects[name]?.project.parent.flatMap({ lenders[$0] }) else { return [] }
    let start = all.partitionPoint { $0 <= name }
    return (all[start...].prefix(Self.mostLenders) + all[..<start].prefix(Self.mostLenders))
      .filter { $0 != name }.prefix(Self.mostLenders).map { $0 }
  }

  /// Who waits for a loan asks no more of its siblings than that, however many there are.
  private static let mostLenders = 64

  /// Keeps what is indexed by project true when one becomes `new`.
  mutating func adopt(_ child: ProjectName, from old: Project?, to new: Project?) {
    Self.move(child, from: old?.parent, to: new?.parent, in: &children)
    let oldLending = old.flatMap { $0.lend.isEmpty ? nil : $0.parent }
    let newLending = new.flatMap { $0.lend.isEmpty ? nil : $0.parent }
    Self.move(child, from: oldLending, to: newLending, in: &lenders)
    noteMergedUsers(of: child, in: new)
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

  /// What the project above would never let this one use, and whom it leaves behind.
  func treeWarnings(for project: Project) -> [String] {
    let left = children(of: project.name).flatMap { child in
      (projects[child]?.project.clusters.names ?? []).filter { project.clusters[$0] == nil }.map {
        "clusters.\($0): \(child), which is below this project, stays there: its account is held to nothing by this one "
          + "once that is under another, and to zero until then"
      }
    }
    guard let parent = project.parent.flatMap({ projects[$0] }) else { return left }
    return left
      + project.limits.compactMap { tres, cap in
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
    guard let parent = project.parent, projects[parent] != nil else { return [] }
    return project.clusters.compactMap { cluster, binding in
      let share = share(of: project.name, in: cluster)
      guard let holder = accountAbove(project, in: cluster) else {
        // One that is to be put there is refused.
        return share == nil
          ? nil
          : LimitGap(
            account: binding.account, tres: nil,
            reason:
              "\(cluster): \(parent), the project above, has no account there that would hold \(binding.account)",
            cure: "put \(parent) there too, or take this project away from there")
      }
      let known = share?.account == binding.account ? share?.seen : nil
      let path = known.map { $0.accountExists ? $0.above : nil } ?? above(cluster, binding.account)
      // One that isn't there yet is created under `binding.parent`, of which nobody knows what is above.
      let planned = binding.parent.map { [$0] } ?? [holder]
      guard !(path ?? planned).contains(holder) else { return nil }
      return LimitGap(
        account: binding.account, tres: nil,
        reason:
          "\(cluster): account \(binding.account) does not lie under \(holder), so that what it uses does not "
          + "count against the caps of \(parent)",
        cure: "move it with 'sacctmgr modify account \(binding.account) set parent=\(holder)'")
    }
  }
}
