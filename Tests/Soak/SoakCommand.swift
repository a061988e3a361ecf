internal import ArgumentParser
internal import Glibc
internal import Simulation
internal import Synchronization
internal import Threads

@main struct SoakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sluice-soak", abstract: "Runs the core in simulated worlds with faults, under an auditor.",
    discussion: """
      Each seed is a world of its own, and always the same. A seed that breaks a promise is shrunk to the steps that \
      matter, and the command that replays it is printed. Ends with 1 when one did.
      """)

  @Option(help: "The first seed.")
  var first: UInt64 = 0

  @Option(help: "How many seeds to run.")
  var seeds: UInt64 = 10_000

  @Option(help: "The steps of each.")
  var steps = 1_000

  @Option(help: "End after so many seeds that broke a promise.")
  var failures = 5

  @Option(help: "Run this one seed only, and tell what happens in it.")
  var seed: UInt64?

  @Option(help: "With --seed: only these steps, such as 3,17,20-31.")
  var keep: String?

  @Option(help: "Threads; by default one a processor.")
  var threads = sysconf(Int32(_SC_NPROCESSORS_ONLN))

  func validate() throws {
    guard steps > 0, steps <= 1_000_000 else { throw ValidationError("--steps: from 1 to 1000000") }
    guard failures > 0 else { throw ValidationError("--failures: at least 1") }
    guard threads > 0, threads <= 256 else { throw ValidationError("--threads: from 1 to 256") }
    guard keep == nil || seed != nil else { throw ValidationError("--keep goes with --seed") }
  }

  func run() throws {
    if let seed {
      try replay(Trial(seed: seed, steps: steps))
    } else {
      try Soak(first: first, seeds: seeds, steps: steps, threads: threads, mostFailures: failures).run()
    }
  }

  private func replay(_ trial: Trial) throws {
    var kept: [Int]?
    if let keep {
      guard let list = Trial.steps(in: keep) else {
        throw ValidationError("--keep: '\(keep)' is no list of steps")
      }
      kept = list
    }
    guard let violation = trial.run(keeping: kept, trace: { print($0) }) else {
      return print("no promise is broken")
    }
    print("BROKEN \(violation)")
    throw ExitCode.failure
  }
}
