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
        sluice audit --all -o json
      """)

  @Option(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName?
  @Option(completion: Completion.clusters, transform: { try ClusterName($0) }) var cluster: ClusterName?
  @Option(help: "How many entries.") var limit = 50
  @Flag(help: "All entries.") var all = false
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
  }

  func run() throws {
    try Printer(connection, output).list("audit.list", most: all ? .max : limit, of: AuditEntry.self) {
      AuditRequest(project: project, cluster: cluster, limit: $0, cursor: $1)
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
