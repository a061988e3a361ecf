internal import ArgumentParser
internal import Model
internal import Wire

struct AuditVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Who changed what, and what Sluice moved; newest first.",
    discussion: """
      EXAMPLES:
        sluice audit --project genomics
        sluice audit --cluster alpha --limit 500 -o csv
        sluice audit --since now-1d --all -o json
      """)

  @Option(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName?
  @Option(completion: Completion.clusters, transform: { try ClusterName($0) }) var cluster: ClusterName?
  @OptionGroup var entries: EntryOptions
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try Printer(connection, output).list("audit.list", most: entries.most, of: AuditEntry.self) {
      AuditRequest(
        project: project, cluster: cluster, since: entries.since, until: entries.until, limit: $0, cursor: $1)
    } render: {
      Table.lines($0, AuditView.columns, $1)
    }
  }
}

enum AuditView {
  static let columns: [Column<AuditEntry>] = [
    .text("ID", .right, .wide) { "\($0.id)" },
    .text("AT") { $0.at.iso8601 },
    .text("WHO") { $0.who },
    .text("ACTION") { $0.action },
    .text("PROJECT") { $0.project ?? "" },
    .text("CLUSTER") { $0.cluster ?? "" },
    .text("FROM", isElastic: true) { $0.from ?? "" },
    .text("TO", isElastic: true) { $0.to ?? "" },
    .text("REASON", isElastic: true) { $0.reason ?? "" },
  ]
}
