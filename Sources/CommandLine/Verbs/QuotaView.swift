internal import Model
internal import Wire

/// A row about one cap.
protocol CapRow: Sendable {
  var line: QuotaLine { get }
}

extension CapRow {
  func text(_ amount: Amount) -> String { amount.text(of: line.tres) }

  static var capColumns: [Column<Self>] {
    [
      .text("TRES") { $0.line.tres.name },
      .text("CAP", .right) { $0.text($0.line.cap) },
      .text("USED", .right) { $0.text($0.line.used) },
      .text("LEFT", .right) { $0.text($0.line.left) },
      .text("PENDING", .right) { $0.text($0.line.pending) },
      .text("IN FORCE", .right) { $0.text($0.line.inForce) },
    ]
  }
}

/// One capped TRES of one project: a row of `quota list`.
struct QuotaRow: CapRow {
  let status: QuotaStatus
  let line: QuotaLine

  static func rows(_ statuses: [QuotaStatus]) -> [QuotaRow] {
    statuses.flatMap { status in status.tres.map { QuotaRow(status: status, line: $0) } }
  }

  func share(in cluster: ClusterName) -> ShareLine? {
    status.clusters.first { $0.cluster == cluster }?.tres.first { $0.tres == line.tres }
  }
}

/// One capped TRES of one project in one cluster: a row of `quota show`.
struct ShareRow: Sendable {
  let project: ProjectName
  let share: QuotaShare
  let line: ShareLine

  static func rows(_ status: QuotaStatus) -> [ShareRow] {
    status.clusters.flatMap { share in
      share.tres.map { ShareRow(project: status.project, share: share, line: $0) }
    }
  }

  func text(_ amount: Amount?) -> String { amount?.text(of: line.tres) ?? "-" }
}

enum QuotaView {
  static let columns: [Column<QuotaRow>] =
    [
      .text("PROJECT") { $0.status.project.text },
      .text("STATE", tone: { tone($0.status.state) }) { $0.status.state.rawValue },
    ] + QuotaRow.capColumns + [
      .bar("USE") {
        Bar(used: $0.line.used, inForce: $0.line.inForce, cap: $0.line.cap + $0.line.borrowed - $0.line.lent)
      }
    ]

  /// In every table where there is a loan.
  private static func loanColumns(_ statuses: [QuotaStatus]) -> [Column<QuotaRow>] {
    let detail = statuses.allSatisfy(\.loans.isEmpty) ? Detail.wide : .always
    return [
      .text("BORROWED", .right, detail) { $0.text($0.line.borrowed) },
      .text("LENT", .right, detail) { $0.text($0.line.lent) },
    ]
  }

  static let shareColumns: [Column<ShareRow>] = [
    .text("PROJECT", .left, .wide) { $0.project.text },
    .text("CLUSTER", tone: { $0.share.isReachable ? .plain : .bad }) { $0.share.cluster.text },
    .text("ACCOUNT") { $0.share.account.text },
    .text("TRES") { $0.line.tres.name },
    .text("ALLOTMENT", .right) { $0.text($0.line.allotment) },
    .text("IN FORCE", .right) { $0.text($0.line.inForce) },
    .text("USED", .right) { $0.text($0.line.used) },
    .text("PENDING", .right) { $0.text($0.line.pending) },
    .text("NATIVE", .right) { $0.text($0.line.native) },
    .text("CONFIRMED") { Words.yesOrNo($0.share.isConfirmed) },
    .text("REACHABLE") { Words.yesOrNo($0.share.isReachable) },
    .text("RUNNING", .right, .wide) { "\($0.share.runningJobs)" },
    .text("WAITING", .right, .wide) { "\($0.share.pendingJobs)" },
    .text("EXISTS", .left, .wide) { Words.yesOrNo($0.share.accountExists) },
    .bar("USE") { Bar(used: $0.line.used, inForce: $0.line.inForce, cap: $0.line.allotment) },
  ]

  /// `quota list`: a row for each cap, and below the table why a project is not ok.
  static func list(_ statuses: [QuotaStatus], _ style: Style) -> [String] {
    let table = Table.lines(
      QuotaRow.rows(statuses), columns + loanColumns(statuses) + wideColumns(statuses), style)
    guard style.isForPeople else { return table }
    let told = statuses.filter { !$0.reasons.isEmpty }.map { reasons($0, style) }
    return table + (told.isEmpty ? [] : [""] + told)
  }

  /// `quota show`: the caps, then each cluster's part, then why it is not ok.
  static func show(_ status: QuotaStatus, _ style: Style) -> [String] {
    let rows = ShareRow.rows(status)
    guard style.isForPeople else { return Table.lines(rows, shareColumns, style) }
    let missing = status.clusters.filter { $0.accountExists == false }.map {
      Words.visible("Account '\($0.account)' does not exist on cluster '\($0.cluster)' yet.")
    }
    let notes =
      missing + status.loans.map { loan(of: status.project, $0) }
      + (status.reasons.isEmpty ? [] : [reasons(status, style)])
    return Table.lines(QuotaRow.rows([status]), columns + loanColumns([status]), style) + [""]
      + Table.lines(rows, shareColumns, style)
      + ["", Bar.legend(isUnicode: style.isUnicode)] + UserView.lines(status, style)
      + (status.budget.map { [""] + BudgetView.list([$0], style) } ?? [])
      + (notes.isEmpty ? [] : [""] + notes)
  }

  /// Such as `Borrows gres/gpu=4 from proteomics.`
  private static func loan(of project: ProjectName, _ loan: QuotaLoan) -> String {
    let tres = loan.tres
    let rest = loan.setAside - loan.granted
    let moving = rest > .zero ? "; \(rest.text(of: tres)) more of it on the way there or back" : ""
    let amount = "\(tres)=\(loan.granted.text(of: tres))"
    return Words.visible(
      loan.borrower == project
        ? "Borrows \(amount) from \(loan.lender)\(moving)." : "Lends \(amount) to \(loan.borrower)\(moving).")
  }

  /// A project in a line, for a watch that is not on a terminal.
  static func summary(_ status: QuotaStatus) -> String {
    let caps = status.tres.map { line in
      let tres = line.tres
      return "\(tres)=\(line.used.text(of: tres))/\(line.cap.text(of: tres))"
        + " in_force=\(line.inForce.text(of: tres)) pending=\(line.pending.text(of: tres))"
    }
    let why = status.reasons.isEmpty ? [] : ["(\(status.reasons.joined(separator: "; ")))"]
    return Words.visible(
      (["\(status.project)", status.state.rawValue, caps.joined(separator: ", ")] + why).joined(
        separator: " "))
  }

  private static func reasons(_ status: QuotaStatus, _ style: Style) -> String {
    let state = style.painted(status.state.rawValue, tone(status.state))
    return "\(status.project) \(state): \(Words.visible(status.reasons.joined(separator: "; ")))"
  }

  /// For each cluster, what is used there of what it is allotted; for programs, also why.
  private static func wideColumns(_ statuses: [QuotaStatus]) -> [Column<QuotaRow>] {
    let clusters = Set(statuses.flatMap { $0.clusters.map(\.cluster) }).sorted()
    let shares: [Column<QuotaRow>] = clusters.map { cluster in
      .text(cluster.text.uppercased(), .right, .wide) { row in
        guard let share = row.share(in: cluster) else { return "-" }
        return "\(row.text(share.used))/\(row.text(share.allotment))"
      }
    }
    return shares + [.text("REASONS", .left, .wide) { $0.status.reasons.joined(separator: "; ") }]
  }

  static func tone(_ state: QuotaStatus.State) -> Tone {
    switch state {
    case .ok: .good
    case .moving: .busy
    case .over, .spent, .unenforced, .drift: .bad
    }
  }
}
