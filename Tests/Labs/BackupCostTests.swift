import Foundation
import Synchronization
import Testing

extension TimedSuite {
  /// A large ledger; no Slurm is needed for it.
  @Suite(.serialized) struct BackupCostTests {
    @Test func aBackupOfTenThousandProjectsHoldsUpNothing() throws {
      // A quiet log: once, a service that was to log no notice ended at its start.
      let sluiced = try LoneSluiced(logLevel: "warning")
      defer { sluiced.end() }
      let folder = sluiced.folder
      try Self.projects().write(toFile: "\(folder)/projects.yaml", atomically: true, encoding: .utf8)
      try sluiced.start()
      try sluiced.sluice(["apply", "-f", "\(folder)/projects.yaml"])

      let changes = Changes { number in
        try sluiced.sluice(["project", "set", "p1", "--limit", "cpu=\(1 + number % 9)"])
      }
      Thread.sleep(forTimeInterval: 3)
      let before = changes.longest()
      var backup = Duration.zero
      for round in 0..<5 {
        backup = max(
          backup,
          try ContinuousClock().measure { try sluiced.sluice(["admin", "backup", "\(folder)/\(round)"]) })
      }
      let during = changes.longest()
      let check = try ContinuousClock().measure { try sluiced.sluice(["admin", "check"]) }
      let duringCheck = changes.stop()
      var isSound = false
      let offline = try ContinuousClock().measure {
        isSound = try sluiced.run(["--check", "--ledger", "\(folder)/0"]).status == 0
      }
      #expect(isSound)
      let size = try FileManager.default.attributesOfItem(atPath: "\(folder)/0")[.size] as? Int ?? 0
      print(
        "10,000 projects, \(size >> 20) MiB: backup at most \(backup), check \(check), of a file \(offline); "
          + "longest change \(before), while backups run \(during), while a check runs \(duringCheck)")
      #expect(during < .seconds(5), "a change waits for no backup")
    }

    private static func projects() -> String {
      "projects:\n"
        + (0..<10_000).map { number in
          """
            - name: p\(number)
              limits: {cpu: 512, mem: 2T, gres/gpu: 16}
              members: {alice: admin, bob: user}
              clusters: {alpha: {account: p\(number)}, beta: {account: p\(number)}}

          """
        }.joined()
    }
  }
}

/// Makes one change after the other on a thread of its own, and times each.
private final class Changes: Sendable {
  private let state = Mutex((longest: Duration.zero, isStopping: false, isDone: false))

  init(_ change: @escaping @Sendable (Int) throws -> Void) {
    Thread.detachNewThread { [self] in
      var number = 0
      while !state.withLock({ $0.isStopping }) {
        number += 1
        let time = ContinuousClock().measure { try? change(number) }
        state.withLock { $0.longest = max($0.longest, time) }
      }
      state.withLock { $0.isDone = true }
    }
  }

  /// Since it was last asked.
  func longest() -> Duration {
    state.withLock { state in
      defer { state.longest = .zero }
      return state.longest
    }
  }

  func stop() -> Duration {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.01) }
    return longest()
  }
}
