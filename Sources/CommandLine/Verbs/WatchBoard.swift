internal import Model
internal import Wire

/// What a watch knows: every quota it may see, what changed since it was last shown, and how much of the
/// terminal it fills.
struct WatchBoard {
  private var statuses: [ProjectName: QuotaStatus] = [:]
  private var changed: Set<ProjectName> = []
  private var gone: Set<ProjectName> = []
  private var drawnLines = 0
  var notice: String?

  init(_ statuses: [QuotaStatus]) { replace(statuses) }

  mutating func replace(_ all: [QuotaStatus]) {
    let names = Set(all.map(\.project))
    take(QuotaChanged(quotas: all, gone: statuses.keys.filter { !names.contains($0) }))
  }

  mutating func take(_ change: QuotaChanged) {
    for status in change.quotas where statuses[status.project] != status {
      statuses[status.project] = status
      changed.insert(status.project)
      gone.remove(status.project)
    }
    for project in change.gone where statuses.removeValue(forKey: project) != nil {
      changed.remove(project)
      gone.insert(project)
    }
  }

  /// What changed since this was last asked; nil when nothing did.
  mutating func takeChange() -> QuotaChanged? {
    guard !changed.isEmpty || !gone.isEmpty else { return nil }
    defer { (changed, gone) = ([], []) }
    return QuotaChanged(quotas: changed.sorted().compactMap { statuses[$0] }, gone: gone.sorted())
  }

  /// A line with a time stamp for each project that changed or went.
  mutating func takeLines(at now: Timestamp) -> [String] {
    guard let change = takeChange() else { return [] }
    return change.quotas.map { "\(now.iso8601) \(QuotaView.summary($0))" }
      + change.gone.map { "\(now.iso8601) \($0) deleted" }
  }

  /// What redraws a terminal of so many rows in place. Lines that don't fit are counted, not shown.
  mutating func screen(at now: Timestamp, rows: Int, _ style: Style) -> String {
    let quotas = statuses.keys.sorted().compactMap { statuses[$0] }
    var lines = ["\(now.iso8601)  \(Words.count(quotas.count, "project"))  (ctrl-C ends)"]
    if let notice { lines.append(style.painted(Words.visible(notice), .busy)) }
    lines += QuotaView.list(quotas, style)
    let most = max(2, rows - 1)
    if lines.count > most {
      let hidden = lines.count - most + 1
      lines =
        lines.prefix(most - 1) + ["... and \(Words.count(hidden, "more line")); a taller terminal shows them"]
    }
    let up = drawnLines > 0 ? "\u{1b}[\(drawnLines)A\r" : ""
    drawnLines = lines.count
    return up + lines.map { "\(style.cut($0))\u{1b}[K\n" }.joined() + "\u{1b}[J"
  }
}
