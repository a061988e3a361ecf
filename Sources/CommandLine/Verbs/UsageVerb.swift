internal import ArgumentParser
internal import Model
internal import Wire

struct UsageVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage", abstract: "What was used, by work that has ended.", subcommands: [Report.self])

  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "TRES-hours by project, user, cluster and month.",
      discussion: """
        Each job counts from its start to its end, less the time it was suspended, once it has ended: as sacct -X \
        -D shows it. What a border of a month or of --since and --until cuts counts by its part. HOURS of memory \
        are byte hours.

        EXAMPLES:
          sluice usage report
          sluice usage report --by project,month --since 2026-01-01 --tres gres/gpu
          sluice usage report --by user --project genomics --since now-7d -o csv
        """)

    @Option(
      help: .init(
        "What to tell apart, of project, user, cluster and month; each TRES always is.", valueName: "list"),
      transform: Self.dimensions)
    var by: [UsageReportRequest.Dimension] = [.project]

    @Option(
      help: "Only this project and those below it.", completion: Completion.projects,
      transform: { try ProjectName($0) })
    var project: ProjectName?
    @Option(completion: Completion.clusters, transform: { try ClusterName($0) }) var cluster: ClusterName?
    @Option(help: "Only this TRES.", transform: { try TRES($0) }) var tres: TRES?
    @OptionGroup var time: TimeOptions
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      try Printer(connection, output).list("usage.report", of: UsageLine.self) {
        UsageReportRequest(
          by: by, project: project, cluster: cluster, tres: tres, since: time.since, until: time.until,
          limit: $0, cursor: $1)
      } render: {
        UsageView.list($0, by: by, $1)
      }
    }

    private static func dimensions(_ list: String) throws -> [UsageReportRequest.Dimension] {
      try list.split(separator: ",", omittingEmptySubsequences: false).map { word in
        guard let dimension = UsageReportRequest.Dimension(rawValue: String(word)) else {
          throw ValidationError("'\(word)' is none of project, user, cluster, month and tres")
        }
        return dimension
      }
    }
  }
}

enum UsageView {
  /// A column for each dimension. A bar is a row's part of the largest of the same TRES.
  static func list(_ lines: [UsageLine], by: [UsageReportRequest.Dimension], _ style: Style) -> [String] {
    var largest: [TRES: Double] = [:]
    for line in lines { largest[line.tres] = max(line.hours, largest[line.tres] ?? 0) }
    let tops = largest
    let columns: [Column<UsageLine>] =
      Set(by).sorted().compactMap(column) + [
        .text("TRES") { $0.tres.name },
        .text("HOURS", .right) { hours($0.hours, of: $0.tres) },
        .text("TRES-SECONDS", .right, .wide) { seconds($0.hours) },
        .bar("SHARE") { bar($0.hours, of: tops[$0.tres] ?? 0) },
      ]
    return Table.lines(lines, columns, style)
  }

  private static func column(_ dimension: UsageReportRequest.Dimension) -> Column<UsageLine>? {
    switch dimension {
    case .project: .text("PROJECT") { $0.project ?? "" }
    case .user: .text("USER") { $0.user ?? "" }
    case .cluster: .text("CLUSTER") { $0.cluster ?? "" }
    case .month: .text("MONTH") { $0.month ?? "" }
    case .tres: nil
    }
  }

  private static let suffixes: [(unit: Double, letter: String)] = [
    (0x1p50, "P"), (0x1p40, "T"), (0x1p30, "G"), (0x1p20, "M"), (0x1p10, "K"),
  ]

  /// To two decimals; of memory in the unit that leaves the fewest digits before them.
  private static func hours(_ hours: Double, of tres: TRES) -> String {
    guard tres.isMemory, let suffix = suffixes.first(where: { hours >= $0.unit }) else {
      return decimal(hours)
    }
    return decimal(hours / suffix.unit) + suffix.letter
  }

  private static func decimal(_ value: Double) -> String {
    let hundredths = Int64(min(max(0, value), 1e16) * 100 + 0.5)
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction)"
  }

  private static func seconds(_ hours: Double) -> String {
    "\(UInt64(min(max(0, hours * 3600), 1e19).rounded()))"
  }

  private static func bar(_ hours: Double, of top: Double) -> Bar? {
    guard top > 0 else { return nil }
    let whole = 1_000_000.0
    return Bar(
      used: Amount(milli: Int64(hours / top * whole)), inForce: .zero, cap: Amount(milli: Int64(whole)))
  }
}
