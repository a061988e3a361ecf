internal import ArgumentParser
internal import Glibc
internal import Model

/// The `sluice` command.
package enum SluiceCommand {
  /// Does what the process's arguments say, and ends it.
  package static func main() -> Never {
    exit(run(Array(Swift.CommandLine.arguments.dropFirst())).rawValue)
  }

  static func run(_ arguments: [String]) -> CommandExit {
    do {
      var command = try Root.parseAsRoot(arguments)
      try command.run()
      return .ok
    } catch let failure as CommandFailure {
      Terminal.complain(failure.lines)
      return failure.exit
    } catch {
      let text = Root.fullMessage(for: error)
      let lines = text.isEmpty ? [] : [text.hasSuffix("\n") ? String(text.dropLast()) : text]
      guard Root.exitCode(for: error) != .success else {
        try? Terminal.print(lines)
        return .ok
      }
      Terminal.complain(lines)
      return .usage
    }
  }
}

struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice",
    abstract: "One quota per project, held across clusters.",
    discussion: """
      EXAMPLES:
        sluice status                    how everything stands, and what to do
        sluice quota list --watch        caps and use of every project, live
        sluice plan -f projects.yaml     what a file would change
        sluice project set genomics --limit cpu=512,mem=2T --cluster alpha
        sluice quota list -o json | jq '.items[] | select(.state != "ok")'

      Options go after the verb, as in 'sluice status --socket PATH'. Exit status: 0 done; 1 the request \
      failed or was refused; 2 wrong usage; 3 sluiced can't be reached.
      """,
    version: sluiceVersion,
    subcommands: [
      StatusVerb.self, ProjectVerb.self, QuotaVerb.self, BudgetVerb.self, UsageVerb.self, ClusterVerb.self,
      AuditVerb.self, PlanVerb.self, ApplyVerb.self, AdminVerb.self,
    ])
}
