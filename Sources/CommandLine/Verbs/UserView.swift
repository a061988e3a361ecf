internal import Model
internal import Wire

/// One cap of one user: a row of `quota show`'s users.
struct UserRow: CapRow {
  let user: QuotaUser
  let line: QuotaLine

  /// What he uses there of what he may use there now.
  func share(in cluster: ClusterName) -> String {
    let share = user.clusters.first { $0.cluster == cluster }
    guard let part = share?.tres.first(where: { $0.tres == line.tres }) else { return "-" }
    return "\(text(part.used))/\(text(part.allotment))"
  }
}

/// Those who are held to caps per user.
enum UserView {
  private static let columns: [Column<UserRow>] =
    [
      .text("USER") { $0.user.user.text },
      .text("STATE", tone: { QuotaView.tone($0.user.state) }) { $0.user.state.rawValue },
    ] + UserRow.capColumns

  /// Nothing for a project without caps per user.
  static func lines(_ status: QuotaStatus, _ style: Style) -> [String] {
    guard let users = status.users else { return [] }
    let rows = users.flatMap { user in user.tres.map { UserRow(user: user, line: $0) } }
    let clusters = Set(users.flatMap { $0.clusters.map(\.cluster) }).sorted().map { cluster in
      Column<UserRow>.text(cluster.text.uppercased(), .right) { $0.share(in: cluster) }
    }
    return [""] + (rows.isEmpty ? [] : Table.lines(rows, columns + clusters, style)) + notes(users, style)
      + status.clusters.compactMap(others)
  }

  private static func others(_ share: QuotaShare) -> String? {
    share.others.map { users in
      Words.visible(
        "No members, and so not held to caps per user, though they have jobs in account '\(share.account)' on cluster "
          + "'\(share.cluster)': \(users.joined(separator: ", ")).")
    }
  }

  private static func notes(_ users: [QuotaUser], _ style: Style) -> [String] {
    guard !users.isEmpty else { return ["The project has caps per user, and no members to hold to them."] }
    return users.compactMap { user in
      if user.tres.isEmpty {
        return "\(user.user): no longer held to a cap; what is left of it is being lifted."
      }
      guard !user.reasons.isEmpty else { return nil }
      let state = style.painted(user.state.rawValue, QuotaView.tone(user.state))
      return "\(user.user) \(state): \(Words.visible(user.reasons.joined(separator: "; ")))"
    }
  }
}
