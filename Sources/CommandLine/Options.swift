internal import ArgumentParser
internal import Model

/// `-o`: tables for people, and the wire's own types, or comma-separated values, for programs.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case table, wide, json, yaml, csv
}

/// Where sluiced is. Every verb has these.
struct ConnectionOptions: ParsableArguments {
  static let usualSocket = "/run/sluice/sluiced.sock"

  @Option(
    help: .init(
      "sluiced's socket; else $SLUICE_SOCKET, else \(usualSocket).", valueName: "path"),
    completion: .file())
  var socket: String?

  @Option(help: .init("How long to wait for each answer.", valueName: "seconds"))
  var timeout = 30.0

  var path: String { socket ?? Terminal.environment("SLUICE_SOCKET") ?? Self.usualSocket }

  func validate() throws {
    guard timeout > 0, timeout <= 86_400 else {
      throw ValidationError("--timeout is in seconds: more than 0, at most 86400")
    }
  }
}

/// How to print. Every verb has these.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "table, wide, json, yaml or csv.")
  var output = OutputFormat.table

  @Flag(name: [.customShort("P"), .long], help: "Columns separated by '|', as sacctmgr -P prints them.")
  var parsable = false

  @Flag(name: .shortAndLong, help: "Leave the header out.")
  var noheader = false

  func validate() throws {
    guard !parsable || output == .table || output == .wide else {
      throw ValidationError("-P and -o \(output.rawValue) are two formats: choose one")
    }
  }

  var style: Style {
    let form: Style.Form =
      switch output {
      case _ where parsable: .parsable(wide: output == .wide)
      case .csv: .csv
      case .wide: .wide
      case .table, .json, .yaml: .table
      }
    return Style(
      form: form, hasHeader: !noheader, width: Terminal.size?.columns, isUnicode: Terminal.isUnicode,
      isColoured: Terminal.isColoured && (form == .table || form == .wide))
  }
}

/// A span of time: for all verbs that look back.
struct TimeOptions: ParsableArguments {
  @Option(
    help: .init(
      "Nothing before: 2026-11-24T14:05, 14:05 (the last such time) or now-2h; UTC.", valueName: "time"),
    transform: { try Timestamp(parsing: $0, now: Terminal.now) })
  var since: Timestamp?

  @Option(
    help: .init("Nothing after.", valueName: "time"),
    transform: { try Timestamp(parsing: $0, now: Terminal.now) })
  var until: Timestamp?

  func validate() throws {
    if let since, let until, since > until { throw ValidationError("--until is before --since") }
  }
}

/// Which entries of the audit, by time and number: for all verbs that list some.
struct EntryOptions: ParsableArguments {
  @OptionGroup var time: TimeOptions
  @Option(help: "How many entries.") var limit = 50
  @Flag(help: "All entries.") var all = false

  var since: Timestamp? { time.since }
  var until: Timestamp? { time.until }
  var most: Int { all ? .max : limit }

  func validate() throws {
    guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
  }
}
