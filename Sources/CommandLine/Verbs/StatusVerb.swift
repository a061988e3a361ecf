internal import ArgumentParser
internal import Model
internal import Wire

struct StatusVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "How everything stands, and what to do about it.",
    discussion: """
      EXAMPLES:
        sluice status
        sluice status --check || mail -s 'Sluice needs you' ops
        sluice status -o json | jq -r '.problems[].message'
      """)

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "End with 1 when there is a problem; else the status is 0 whatever was found.")
  var check = false

  func run() throws {
    let now = Terminal.now
    let status = try Printer(connection, output).one("status.get", Empty(), of: ServiceStatus.self) {
      StatusView.lines($0, now: now, $1)
    }
    if check, !status.problems.isEmpty { throw CommandFailure.refused }
  }
}

enum StatusView {
  static func columns(now: Timestamp) -> [Column<ServiceStatus>] {
    [
      .text("SLUICED") { $0.version },
      .text("COMMAND", .left, .wide) { _ in sluiceVersion },
      .text("UP") { Words.duration(now.seconds(since: $0.startedAt)) },
      .text("TERM") { "\($0.term)" },
      .text("YOU ARE") { "\($0.caller) (\($0.role))" },
      .text("PROJECTS") { projects($0.projects) },
    ]
  }

  static func lines(_ status: ServiceStatus, now: Timestamp, _ style: Style) -> [String] {
    let head = Table.sheet(status, columns(now: now), style)
    guard style.isForPeople else { return head }
    let clusters =
      status.clusters.isEmpty
      ? ["No clusters: list their agents under 'agents' in sluiced.yaml."]
      : Table.lines(status.clusters, ClusterView.columns, style)
    let problems =
      status.problems.isEmpty
      ? [style.painted("No problems.", .good)]
      : ["PROBLEMS"]
        + status.problems.flatMap { problem in
          [
            style.painted(Words.visible("\(problem.subject): \(problem.message)"), .bad),
            Words.visible("  \(problem.advice)"),
          ]
        }
    return head + [""] + clusters + [""] + problems
  }

  private static func projects(_ counts: ProjectCounts) -> String {
    let states = [
      (counts.ok, "ok"), (counts.moving, "moving"), (counts.over, "over"), (counts.spent, "spent"),
      (counts.unenforced, "unenforced"),
      (counts.drift, "drift"),
    ]
    let parts = states.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.isEmpty ? "\(counts.total)" : "\(counts.total): \(parts.joined(separator: ", "))"
  }
}
