internal import ArgumentParser
internal import Model
internal import Wire

struct ProjectVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "project", abstract: "Projects: their caps, members and clusters.",
    subcommands: [List.self, Show.self, ProjectSetVerb.self, Delete.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "All projects that you may see.", discussion: "EXAMPLES:\n  sluice project list -P")

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      try Printer(connection, output).list("project.list", of: Project.self) {
        Table.lines($0, ProjectView.columns, $1)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One project's grant; 'sluice quota show' has its use.",
      discussion: "EXAMPLES:\n  sluice project show genomics -o yaml")

    @Argument(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let request = ProjectRequest(project: project)
      try Printer(connection, output).one("project.get", request, of: Project.self) {
        Table.sheet($0, ProjectView.columns, $1)
      }
    }
  }

  struct Delete: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Forget a project. Its accounts' native limits stay as they are.",
      discussion: """
        The clusters go on holding the limits that were last written, and nothing moves them any more. To lift \
        one, use 'sacctmgr modify account'.

        EXAMPLES:
          sluice project delete genomics --reason 'ended in March'
          sluice project delete genomics -y
        """)

    @Argument(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName
    @Flag(name: .shortAndLong, help: "Don't ask.") var yes = false
    @Option(help: "Why, for the audit.") var reason: String?
    @OptionGroup var connection: ConnectionOptions

    func run() throws {
      let session = try Session(connection)
      let found = try session.call("project.get", ProjectRequest(project: project), as: Project.self)
      let places = found.clusters.map { "\($0.name):\($0.value.account)" }.joined(separator: ", ")
      if !yes {
        guard Terminal.isInteractive else {
          throw CommandFailure.usage("deleting '\(project)' needs a yes: use -y where there is no terminal")
        }
        let question = "Delete project '\(project)'? The native limits of \(places) stay as they are."
        guard Terminal.confirm(question) else {
          Terminal.complain(["sluice: nothing was deleted"])
          throw CommandFailure.refused
        }
      }
      _ = try session.call("project.delete", ProjectRequest(project: project, reason: reason), as: Empty.self)
      try Terminal.print([
        "Deleted project '\(project)'. The native limits of \(places) stay as they are: "
          + "lift or change them with 'sacctmgr modify account'."
      ])
    }
  }
}

enum ProjectView {
  static let columns: [Column<Project>] = [
    .text("PROJECT") { $0.name.text },
    .text("PARENT") { $0.parent?.text ?? "" },
    .text("LIMITS", isElastic: true) { $0.limits.description },
    .text("BORROW", .left, .wide) { $0.borrow.description },
    .text("LEND", .left, .wide) { $0.lend.description },
    .text("BUDGET", .left, .wide) { $0.budget?.text ?? "" },
    .text("CLUSTERS", isElastic: true) { project in
      project.clusters.map { binding($0.name, $0.value, of: project) }.joined(separator: ",")
    },
    .text("MEMBERS", isElastic: true) { project in
      project.members.map { "\($0.name)=\($0.value.rawValue)" }.joined(separator: ",")
    },
  ]

  /// As `--cluster` takes it.
  private static func binding(_ cluster: ClusterName, _ binding: ClusterBinding, of project: Project)
    -> String
  {
    if let parent = binding.parent { return "\(cluster)=\(binding.account):\(parent)" }
    return binding.account.text == project.name.text ? cluster.text : "\(cluster)=\(binding.account)"
  }
}
