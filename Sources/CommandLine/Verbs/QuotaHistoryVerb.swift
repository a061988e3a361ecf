internal import ArgumentParser
internal import Model
internal import Wire

struct QuotaHistoryVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "How a project's caps and its clusters' allotments came to be; newest first.",
    discussion: """
      Why had alpha only 3 GPUs at 14:05? The newest entry up to then says since when, and why. A row without \
      a cluster is a change of the caps.

      EXAMPLES:
        sluice quota history genomics
        sluice quota history genomics --cluster alpha --tres gres/gpu --until 14:05 --limit 1
        sluice quota history genomics --since now-1d --all -o csv
      """)

  @Argument(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName
  @Option(
    help: "Only what concerns this cluster; a change of the caps concerns all.",
    completion: Completion.clusters, transform: { try ClusterName($0) })
  var cluster: ClusterName?
  @Option(help: "Only this TRES.", transform: { try TRES($0) }) var tres: TRES?
  @OptionGroup var entries: EntryOptions
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    try Printer(connection, output).list("quota.history", most: entries.most, of: AuditEntry.self) {
      QuotaHistoryRequest(
        project: project, cluster: cluster, tres: tres, since: entries.since, until: entries.until, limit: $0,
        cursor: $1)
    } render: {
      Table.lines($0, QuotaHistory.columns, $1)
    }
  }
}

enum QuotaHistory {
  static let columns: [Column<AuditEntry>] = [
    .text("ID", .right, .wide) { "\($0.id)" },
    .text("AT") { $0.at.iso8601 },
    .text("CLUSTER") { $0.cluster ?? "" },
    .text("CHANGE") { $0.action == "project.set" ? "cap" : $0.action },
    .text("FROM") { $0.from ?? "" },
    .text("TO") { $0.to ?? "" },
    .text("WHO") { $0.who },
    .text("WHY", isElastic: true) { $0.reason ?? "" },
  ]
}
