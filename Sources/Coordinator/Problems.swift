internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

// What is wrong with projects and the ledger, each with what to do about it. Clusters have theirs in their status.
extension Writer {
  /// A limit is written in a second, and read back some seconds later.
  private static let longestMove = 60.0
  /// Less room on the ledger's disk is told, in bytes.
  private static let leastRoom: Int64 = 256 << 20

  func problems(of quota: ProjectQuota, _ standing: Standing) -> [Problem] {
    Problem.all(of: quota.project.name, standing, drift: settings.drift, isSlow: isSlow(quota))
  }

  /// Those of the project's users. What is on its way for one is told with what keeps his cluster from taking it.
  func problems(ofUsersIn project: ProjectName) -> [Problem] {
    state.people(of: project).flatMap { user in
      let name = ProjectName.user(user, of: project)
      return Problem.all(of: name, state.standing(of: name), drift: settings.drift, isSlow: false)
    }
  }

  /// Moving for long, and not for a cluster that doesn't answer, which is told already.
  private func isSlow(_ quota: ProjectQuota) -> Bool {
    guard let since = standings.movingSince(quota.project.name),
      round.at.seconds(since: since) > Self.longestMove
    else { return false }
    return quota.shares.names.allSatisfy { state.clusters[$0]?.isAnswering ?? false }
  }

  var ledgerProblems: [Problem] {
    guard let room = ledger.bytesLeft, room < Self.leastRoom else { return [] }
    return [
      Problem(
        subject: "ledger", message: "its disk has \(room >> 20) MiB left", advice: Advice.fullDisk)
    ]
  }
}

extension Problem {
  private static let most = 100

  /// - Parameter isSlow: the project has been moving for long.
  static func all(
    of project: ProjectName, _ standing: Standing, drift: DriftPolicy, isSlow: Bool
  ) -> [Problem] {
    standing.findings.compactMap { finding in
      let advice: String
      switch finding.state {
      case .ok: return nil
      // What lets all pass is its cluster's trouble, and told there.
      case .unenforced where finding.gap?.isOfAll ?? true: return nil
      // And what lets a user pass is his project's.
      case .unenforced where project.isOfUser: return nil
      case .unenforced: advice = finding.gap?.cure ?? ""
      case .over: advice = Advice.over(project)
      case .spent: advice = Advice.spent(project)
      case .drift: advice = Advice.drift(project, drift)
      case .moving where !isSlow: return nil
      case .moving: advice = Advice.moving(project)
      }
      let subject = project.isOfUser ? project.inWords : "project \(project)"
      return Problem(subject: subject, message: finding.reason, advice: advice)
    }
  }

  /// As many as people read; how many more there are is the last.
  static func first(of problems: [Problem]) -> [Problem] {
    guard problems.count > most else { return problems }
    let rest = Problem(
      subject: "projects", message: "\(problems.count - most) more problems of projects",
      advice: Advice.manyProjects)
    return Array(problems.prefix(most)) + [rest]
  }
}
