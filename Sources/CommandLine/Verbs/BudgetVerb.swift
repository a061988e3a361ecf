internal import ArgumentParser
internal import Model
internal import Wire

struct BudgetVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "budget",
    abstract: "Budgets: TRES-hours over a period, what is used and held of them, and what is left.",
    subcommands: [List.self, Show.self, Credit.self, Debit.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A row for each TRES of each project's budget.",
      discussion: """
        CHARGED is by work that has ended; HELD is at most what running work may still cost, to the end of its time \
        limits; FORECAST is the day on which all is charged if it goes on as in this period so far. All in TRES-hours; \
        of memory, byte hours.

        EXAMPLES:
          sluice budget list
          sluice budget list -o json | jq '.items[] | select(.tres[].is_spent)'
        """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      try Printer(connection, output).list("budget.list", of: BudgetStatus.self, render: BudgetView.list)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One project's budget.", discussion: "EXAMPLES:\n  sluice budget show genomics")

    @Argument(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let request = ProjectRequest(project: project)
      try Printer(connection, output).one("budget.get", request, of: BudgetStatus.self) {
        BudgetView.list([$0], $1)
      }
    }
  }

  struct Credit: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a project more for the present period.",
      discussion: """
        EXAMPLES:
          sluice budget credit genomics gres/gpu=500h --reason 'node failures in May'
        """)

    @OptionGroup var change: ChangeOptions

    func run() throws { try change.run("budget.credit") }
  }

  struct Debit: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take some of a project's budget for the present period away.",
      discussion: """
        EXAMPLES:
          sluice budget debit genomics gres/gpu=500h --reason 'moved to proteomics'
        """)

    @OptionGroup var change: ChangeOptions

    func run() throws { try change.run("budget.debit") }
  }
}

struct ChangeOptions: ParsableArguments {
  @Argument(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName
  @Argument(
    help: .init("So many hours of it, such as gres/gpu=500h.", valueName: "tres"),
    transform: { try TRESAmounts(parsing: $0, as: Amount.init(parsingHours:of:)) })
  var hours: TRESAmounts
  @Option(help: "Why, for the audit.") var reason: String
  @OptionGroup var connection: ConnectionOptions
  @OptionGroup var output: OutputOptions

  func run(_ method: String) throws(CommandFailure) {
    let request = BudgetChange(project: project, tres: hours, reason: reason)
    try Printer(connection, output).one(method, request, of: BudgetStatus.self) {
      BudgetView.list([$0], $1)
    }
  }
}
