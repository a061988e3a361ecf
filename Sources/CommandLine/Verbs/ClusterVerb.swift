internal import ArgumentParser
internal import Model
internal import Wire

struct ClusterVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cluster", abstract: "Clusters: how they are, and whether quota is allotted there.",
    subcommands: [List.self, Show.self, Drain.self, Resume.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "All clusters.", discussion: "EXAMPLES:\n  sluice cluster list -o wide")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      try Printer(connection, output).list("cluster.list", of: ClusterStatus.self) {
        Table.lines($0, ClusterView.columns, $1)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One cluster, with what voids its limits and what is wrong.",
      discussion: "EXAMPLES:\n  sluice cluster show alpha")

    @OptionGroup var chosen: ChosenCluster

    func run() throws { try chosen.run("cluster.get", reason: nil, ClusterView.sheet) }
  }

  struct Drain: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Allot nothing on a cluster: what runs goes on, nothing new starts.",
      discussion: """
        Every project's limit there falls to zero, and the quota goes to its other clusters as jobs end.

        EXAMPLES:
          sluice cluster drain alpha --reason 'maintenance on Monday'
        """)

    @OptionGroup var chosen: ChosenCluster
    @Option(help: "Why, for the audit.") var reason: String?

    func run() throws {
      try chosen.run("cluster.drain", reason: reason) { Table.lines([$0], ClusterView.columns, $1) }
    }
  }

  struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Allot quota on a cluster again.", discussion: "EXAMPLES:\n  sluice cluster resume alpha")

    @OptionGroup var chosen: ChosenCluster
    @Option(help: "Why, for the audit.") var reason: String?

    func run() throws {
      try chosen.run("cluster.resume", reason: reason) { Table.lines([$0], ClusterView.columns, $1) }
    }
  }
}

struct ChosenCluster: ParsableArguments {
  @Argument(completion: Completion.clusters, transform: { try ClusterName($0) }) var cluster: ClusterName
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run(
    _ method: String, reason: String?, _ render: (ClusterStatus, Style) -> [String]
  ) throws(CommandFailure) {
    let request = ClusterRequest(cluster: cluster, reason: reason)
    try Printer(connection, output).one(method, request, of: ClusterStatus.self, render: render)
  }
}

enum ClusterView {
  static let columns: [Column<ClusterStatus>] = [
    .text("CLUSTER") { $0.cluster.text },
    .text("STATE", tone: { tone($0.state) }) {
      $0.isDrained ? "\($0.state.rawValue),drained" : $0.state.rawValue
    },
    .text("AGE", .right) { Words.age($0.age) },
    .text("BOOTED") { $0.bootTime?.iso8601 ?? "-" },
    .text("VERSION") { [$0.kind, $0.clusterVersion].compactMap { $0 }.joined(separator: " ") },
    .text("CAPACITY", isElastic: true) { $0.capacity.description },
    .text("FREE", isElastic: true) { $0.free.description },
    .text("ISSUES", .right, tone: { issues($0) > 0 ? .bad : .plain }) { "\(issues($0))" },
    .text("AGENT", .left, .wide) { $0.agentVersion ?? "-" },
    .text("ADDRESS", .left, .wide) { $0.address },
  ]

  static func sheet(_ status: ClusterStatus, _ style: Style) -> [String] {
    let head = Table.sheet(status, columns, style)
    guard style.isForPeople else { return head }
    return head + section("WHAT VOIDS LIMITS", status.voids.map(Words.sentence))
      + section("PROBLEMS", status.problems.flatMap { [$0.message, "  \($0.advice)"] })
  }

  private static func section(_ title: String, _ sentences: [String]) -> [String] {
    sentences.isEmpty ? [] : ["", title] + sentences.map { "  \(Words.visible($0))" }
  }

  private static func issues(_ status: ClusterStatus) -> Int { status.voids.count + status.problems.count }

  private static func tone(_ state: ClusterStatus.State) -> Tone {
    switch state {
    case .ready: .good
    case .stale: .busy
    case .unreachable: .bad
    }
  }
}
