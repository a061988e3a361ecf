internal import ArgumentParser

@main struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice-bench", abstract: "Measures Sluice against its limits.",
    discussion:
      "One line a figure on standard output, the rest on standard error. Ends with 1 when a limit is missed.")

  @Option(help: "One figure by its name, or those of a group, such as 'rpc'.")
  var only: String?

  @Flag(help: "Only print the names, with their limits.")
  var list = false

  /// A socket's path, and how many bytes an answer has: how this program runs itself as the echo that others are
  /// compared with.
  @Option(parsing: .upToNextOption, help: .hidden)
  var echo: [String] = []

  func run() throws {
    if echo.count == 2, let answered = Int(echo[1]) {
      return serveEcho(try listenForEcho(echo[0]), answered: answered)
    }
    let figures = allMeasurements.flatMap(\.figures).filter { isSelected($0, by: only) }
    guard !figures.isEmpty else {
      throw ValidationError("no figure is named '\(only ?? "")': --list prints the names")
    }
    if list {
      for figure in figures { print("\(figure.name) \(figure.unit) (\(figure.limit))") }
    } else if measure(allMeasurements, only: only) > 0 {
      throw ExitCode(1)
    }
  }
}

/// The table of all that is measured.
let allMeasurements: [Measurement] = [
  roundTrip, coreDecisions, coreReport, largeLedger, largeCluster, quotaSet, hookCost,
]
