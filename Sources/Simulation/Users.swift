internal import Core
internal import Model

// Worlds in which projects have members, and caps for each of them.
extension World {
  /// Of a project, or of a user in it.
  func grant(of index: Int) -> Grant? {
    people.isPart(index)
      ? granted[people.project(of: index)]?.part(people.user(of: index)) : granted[index]
  }

  /// The auditor learns what a project is granted, and each of its users.
  func tellAuditor(of project: Int, as grant: Grant?) {
    auditor.set(project, to: grant)
    for part in people.parts(of: project) { auditor.set(part, to: grant?.part(people.user(of: part))) }
  }

  /// Who submits: in the account itself one who is nobody's member.
  func submitter(in project: Int, at index: Int, using dice: inout SeededRandom) -> Int {
    guard people.count > 0, dice.happens(75) else { return project }
    let part = people.part(dice.below(people.count), of: project)
    return clusters[index].accounts[part].exists ? part : project
  }

  func drawUsers(of grant: inout Grant, using dice: inout SeededRandom) {
    guard people.count > 0 else { return }
    grant.members = (0..<people.count).map { _ in dice.happens(70) }
    grant.perUser = Shape.drawnPerUser(using: &dice)
  }

  /// Members come and go, and so do their caps.
  func changeUsers(of grant: inout Grant, using dice: inout SeededRandom) {
    if dice.happens(50) {
      grant.members[dice.below(people.count)].toggle()
    } else {
      grant.perUser = Shape.drawnPerUser(using: &dice)
    }
  }

  /// What nobody ends any more: a project that is gone leaves its users' limits, and an older ledger doesn't know of some.
  func leaveLimits(of parts: Range<Int>) {
    for cluster in clusters { for part in parts { cluster.accounts[part].mayKeepLimits = true } }
  }

  /// Where no cap is any more, no limit of one is left.
  func checkLeft(of project: Int) throws(Violation) {
    guard let grant = granted[project] else { return }
    for part in people.parts(of: project) where self.grant(of: part) == nil {
      for index in clusters.indices where grant.clusters[index] {
        let association = clusters[index].accounts[part]
        guard association.exists, !association.mayKeepLimits, association.stored != .unlimited else {
          continue
        }
        throw Violation(
          step: step, rule: "the limits of a cap that is gone are lifted",
          detail: "\(names.projects[part]) has \(association.stored) in c\(index)")
      }
    }
  }
}
