internal import ArgumentParser
internal import Model
internal import Wire
internal import YAML

struct PlanVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "What a file of projects would change. Changes nothing.",
    discussion: """
      Exit status: 0 when it can be applied, 1 when something in it is refused.

      EXAMPLES:
        sluice plan -f projects.yaml
        sluice plan -f - <projects.yaml
      """)

  @OptionGroup var file: ProjectsFileOptions

  func run() throws { try file.run("plan.preview", isDone: false) }
}

struct ApplyVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Create and change the projects in a file: all of them, or none.",
    discussion: """
      Projects that the file doesn't name stay as they are.

      EXAMPLES:
        sluice apply -f projects.yaml --reason 'grants of 2027'
      """)

  @OptionGroup var file: ProjectsFileOptions

  func run() throws { try file.run("plan.apply", isDone: true) }
}

struct ProjectsFileOptions: ParsableArguments {
  @Option(
    name: .shortAndLong, help: .init("The file; - is standard input.", valueName: "file"), completion: .file()
  )
  var file: String

  @Option(help: "Why, for the audit.") var reason: String?

  @Flag(help: "Do it even where a cluster's limit can be passed; the project is then 'unenforced'.")
  var acceptUnenforced = false

  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run(_ method: String, isDone: Bool) throws(CommandFailure) {
    let request = PlanRequest(
      projects: try projects(), acceptUnenforced: acceptUnenforced ? true : nil, reason: reason)
    let plan = try Printer(connection, output).one(method, request, of: Plan.self) {
      PlanView.lines($0, isDone: isDone, $1)
    }
    guard plan.isApplicable else { throw .refused }
  }

  private func projects() throws(CommandFailure) -> [Project] {
    do throws(YAMLFault) {
      return try ProjectsFile.projects(try YAMLReader.read(path: file))
    } catch {
      throw .file(error)
    }
  }
}
