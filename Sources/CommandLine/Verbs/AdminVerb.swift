internal import ArgumentParser
internal import Wire

struct AdminVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "admin", abstract: "The ledger: back it up and check it while sluiced runs.",
    subcommands: [Backup.self, Check.self])

  struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a copy of the ledger into a new file.",
      discussion: """
        sluiced writes the file itself: on its own host, as its own user, readable by nobody else. Nothing waits \
        for it. To restore one, start it with 'sluiced --recover'; sluiced(8) says how.

        EXAMPLES:
          sluice admin backup /var/lib/sluice/backup-$(date +%F).sqlite
        """)

    @Argument(help: "The new file, from the root.", completion: .file()) var file: String
    @Option(help: "Why, for the audit.") var reason: String?
    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let request = BackupRequest(path: file, reason: reason)
      try Printer(connection, output).one("admin.backup", request, of: BackupResult.self) {
        Table.lines([$0], LedgerView.backup, $1)
      }
    }
  }

  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Look for damage in the ledger.",
      discussion: """
        Ends with status 1 when there is any. 'sluiced --check --ledger FILE' does the same for a file that no \
        sluiced uses, such as a backup.

        EXAMPLES:
          sluice admin check
        """)

    @OptionGroup var connection: ConnectionOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let report = try Printer(connection, output).one("admin.check", Empty(), of: LedgerReport.self) {
        $1.isForPeople ? $0.lines.map(Words.visible) : Table.lines($0.findings, LedgerView.findings, $1)
      }
      if !report.findings.isEmpty { throw CommandFailure.refused }
    }
  }
}

enum LedgerView {
  static let backup: [Column<BackupResult>] = [
    .text("FILE") { $0.path }, .text("BYTES", .right) { "\($0.bytes)" },
  ]
  static let findings: [Column<Problem>] = [
    .text("SUBJECT") { $0.subject }, .text("MESSAGE") { $0.message }, .text("ADVICE") { $0.advice },
  ]
}
