internal import Core
internal import Model
internal import Quota

/// Why an allotment moved, in a sentence with the numbers of that moment: for the audit, which is asked months later.
struct AllotmentReason {
  /// A project may be in many clusters, and cap many TRES: the first tell the story.
  private static let mostClusters = 6
  private static let mostTRES = 4

  let words: String

  /// - Parameter state: As the step left it, the move included.
  init?(
    _ project: ProjectName, _ cluster: ClusterName, from was: TRESAmounts, to amounts: TRESAmounts,
    in state: State
  ) {
    guard let quota = state.projects[project], let share = quota.shares[cluster] else { return nil }
    let moved = quota.caps.names.filter { was[$0] != amounts[$0] }
    let isDrained = state.clusters[cluster]?.isDrained ?? false
    let numbers = moved.prefix(Self.mostTRES).map { Self.numbers($0, of: quota) }
    let cause =
      if share.isLeaving {
        "the project leaves \(cluster)"
      } else if isDrained {
        "\(cluster) is drained"
      } else if let tres = moved.first(where: quota.isHeld) {
        "\(tres) is held until the project has budget again"
      } else if let tres = moved.first(where: { quota.inForce($0) > quota.allowed.used($0) }) {
        "more \(tres) may be in force than the cap"
      } else {
        nil as String?
      }
    words = ([cause].compactMap { $0 } + numbers).joined(separator: "; ")
  }

  /// Such as `cpu: cap 12, alpha has 8, uses 3, wants 10, beta has 4, uses 2, wants 2`.
  private static func numbers(_ tres: TRES, of quota: ProjectQuota) -> String {
    let shares = quota.shares.prefix(mostClusters).map { cluster, share in
      let used = share.seen?.used.used(tres) ?? .zero
      let wanted = share.demand.held.used(tres)
      return "\(cluster) has \(share.allotment.used(tres).text(of: tres)), uses \(used.text(of: tres)),"
        + " wants \(wanted.text(of: tres))"
    }
    let more = quota.shares.count > mostClusters ? [" and \(quota.shares.count - mostClusters) more"] : []
    return "\(tres): cap \(quota.capInWords(tres)), " + (shares + more).joined(separator: ", ")
  }
}
