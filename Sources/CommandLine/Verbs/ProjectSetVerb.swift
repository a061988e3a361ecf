internal import ArgumentParser
internal import Model
internal import Wire

struct ProjectSetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Create a project, or change what is said of it.",
    discussion: """
      What is not said stays as it is. A new project needs --limit and --cluster.

      EXAMPLES:
        sluice project set genomics --limit cpu=512,mem=2T --cluster alpha
        sluice project set genomics --limit cpu=256 --reason 'until May'
        sluice project set genomics --parent biology --limit gres/gpu=16
        sluice project set genomics --borrow gres/gpu=8 --lend cpu=256
        sluice project set genomics --per-user gres/gpu=8,jobs/running=20
        sluice project set genomics --limit jobs/training=20
        sluice project set genomics --cluster beta=gen:biology
        sluice project set genomics --member alice=admin --remove-member bob
      """)

  @Argument(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName

  @Option(
    help: .init("The project above, whose caps hold this one too.", valueName: "project"),
    completion: Completion.projects, transform: { try ProjectName($0) })
  var parent: ProjectName?

  @Option(
    name: .customLong("limit"),
    help: .init("Caps, such as cpu=8,mem=16G; -1 takes one away. Repeatable.", valueName: "tres"),
    transform: { try ProjectEdit.Limits(parsing: $0) })
  var limits: [ProjectEdit.Limits] = []

  @Option(
    help: .init(
      "What it may have beyond its caps of what its siblings lend and leave idle; 0 for none. Repeatable.",
      valueName: "tres"), transform: { try TRESAmounts(parsing: $0) })
  var borrow: [TRESAmounts] = []

  @Option(
    help: .init(
      "What of its caps its siblings may have while it leaves that idle; 0 for none. Repeatable.",
      valueName: "tres"),
    transform: { try TRESAmounts(parsing: $0) })
  var lend: [TRESAmounts] = []

  @Option(
    help: .init(
      "Caps of each member by himself, over all clusters; -1 takes one away. Repeatable.", valueName: "tres"),
    transform: { try ProjectEdit.Limits(parsing: $0) })
  var perUser: [ProjectEdit.Limits] = []

  @Option(
    name: .customLong("cluster"),
    help: .init(
      "A cluster, and its account when that is not the project's name; PARENT is the account to create it "
        + "under, else the parent project's. Repeatable.", valueName: "cluster[=account[:parent]]"),
    completion: Completion.clusters, transform: { try ProjectEdit.Binding(parsing: $0) })
  var clusters: [ProjectEdit.Binding] = []

  @Option(
    name: .customLong("member"), help: .init("A member: admin or user. Repeatable.", valueName: "user=role"),
    transform: { try ProjectEdit.Member(parsing: $0) })
  var members: [ProjectEdit.Member] = []

  @Flag(help: "Put it at the top of the tree.") var removeParent = false

  @Option(help: .init("Remove a cap. Repeatable.", valueName: "tres"), transform: { try TRES($0) })
  var removeLimit: [TRES] = []

  @Option(
    help: .init("Leave a cluster. Repeatable.", valueName: "cluster"), completion: Completion.clusters,
    transform: { try ClusterName($0) })
  var removeCluster: [ClusterName] = []

  @Option(help: .init("Remove a member. Repeatable.", valueName: "user"), transform: { try UserName($0) })
  var removeMember: [UserName] = []

  @Option(help: "Why, for the audit.") var reason: String?

  @Flag(help: "Do it even where a cluster's limit can be passed; the project is then 'unenforced'.")
  var acceptUnenforced = false

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard parent == nil || !removeParent else {
      throw ValidationError("--parent and --remove-parent contradict each other")
    }
  }

  func run() throws {
    let edit = ProjectEdit(
      parent: parent, removesParent: removeParent, limits: limits, borrow: borrow, lend: lend,
      perUser: perUser,
      clusters: clusters, members: members,
      removedLimits: removeLimit,
      removedClusters: removeCluster, removedMembers: removeMember)
    let printer = try Printer(connection, output)
    let request = ProjectSet(
      project: try edit.applied(to: try existing(printer.session), name: project),
      acceptUnenforced: acceptUnenforced ? true : nil, reason: reason)
    let step = try printer.one("project.set", request, of: PlanStep.self) {
      PlanView.lines(Plan(steps: [$0]), isDone: true, $1)
    }
    guard step.refusals.isEmpty else { throw CommandFailure.refused }
  }

  private func existing(_ session: Session) throws(CommandFailure) -> Project? {
    do {
      return try session.call("project.get", ProjectRequest(project: project), as: Project.self)
    } catch .request(let failure) where failure.code == .notFound {
      return nil
    }
  }
}
