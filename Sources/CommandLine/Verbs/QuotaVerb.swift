internal import ArgumentParser
internal import Model
internal import Wire

struct QuotaVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quota", abstract: "Caps, what is used of them, and what each cluster may use.",
    subcommands: [List.self, Show.self, QuotaHistoryVerb.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "A row for each cap of each project.",
      discussion: """
        CAP is what the project may use at once over all clusters, LEFT is what is left of it, with what is borrowed and without what is lent, IN FORCE is the most \
        that the clusters' limits together could let it use now. -o wide adds each cluster's used/allotment.

        EXAMPLES:
          sluice quota list
          sluice quota list --watch
          sluice quota list --watch --for 3600 >changes.log
          sluice quota list -o wide -P | awk -F'|' '$2 != "ok"'
        """)

    @Flag(help: "Go on until interrupted: redraws a terminal, else prints a line for each change.")
    var watch = false

    @Option(
      name: .customLong("for"), help: .init("With --watch: end after so long.", valueName: "seconds"))
    var duration: Double?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
      guard duration == nil || watch else { throw ValidationError("--for goes with --watch") }
      guard (duration ?? 1) > 0 else { throw ValidationError("--for must be more than 0 seconds") }
      guard !watch || (!output.parsable && [.table, .wide, .json].contains(output.output)) else {
        throw ValidationError("--watch goes with -o table, wide or json")
      }
    }

    func run() throws {
      if watch {
        try QuotaWatch(connection, output, duration: duration).run()
      } else {
        try Printer(connection, output).list("quota.list", of: QuotaStatus.self, render: QuotaView.list)
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "One project's caps, and its part in each cluster.",
      discussion: """
        ALLOTMENT is what a cluster may use now; NATIVE is the limit last read from it; CONFIRMED tells whether \
        it was seen to hold exactly the allotment since it last started. Where the project has caps per user, a row for \
        each user and cap follows, with what each cluster uses/may use of it.

        EXAMPLES:
          sluice quota show genomics
          sluice quota show genomics --user alice
        """)

    @Argument(completion: Completion.projects, transform: { try ProjectName($0) }) var project: ProjectName

    @Option(help: "Of the users, this one alone.", transform: { try UserName($0) })
    var user: UserName?

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let request = QuotaRequest(project: project, user: user)
      try Printer(connection, output).one("quota.get", request, of: QuotaStatus.self, render: QuotaView.show)
    }
  }
}
