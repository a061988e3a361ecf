import Foundation
import Synchronization
import Testing

extension LabSuite {
  /// A large ledger; no Slurm is needed for it.
  @Suite(.serialized) struct BackupCostTests {
    @Test func aBackupOfTenThousandProjectsHoldsUpNothing() throws {
      let folder = try Command.succeed(["mktemp", "-d", "/tmp/sluice-test.XXXXXX"]).lines[0]
      defer { try? FileManager.default.removeItem(atPath: folder) }
      // A quiet log: once, a service that was to log no notice ended at its start.
      let settings = SluiceSettings(
        folder: folder, socket: "\(folder)/sluiced.sock", drift: "restore", logLevel: "warning")
      try settings.sluiced().write(toFile: "\(folder)/sluiced.yaml", atomically: true, encoding: .utf8)
      try Self.projects().write(toFile: "\(folder)/projects.yaml", atomically: true, encoding: .utf8)
      let binary = "\(ServiceProcess.binaries)/sluiced"
      let sluiced = ServiceProcess(
        [binary, "--config", "\(folder)/sluiced.yaml"], log: "\(folder)/sluiced.log")
      try sluiced.start()
      defer { sluiced.stop() }
      @Sendable func sluice(_ arguments: [String]) throws -> CommandResult {
        try Command.succeed(
          ["\(ServiceProcess.binaries)/sluice"] + arguments, environment: ["SLUICE_SOCKET": settings.socket])
      }
      #expect(waitUntil(seconds: 20) { (try? sluice(["status"])) != nil }, "\(sluiced.log)")
      _ = try sluice(["apply", "-f", "\(folder)/projects.yaml"])

      let changes = Changes { number in
        _ = try sluice(["project", "set", "p1", "--limit", "cpu=\(1 + number % 9)"])
      }
      Thread.sleep(forTimeInterval: 3)
      let before = changes.longest()
      var backup = Duration.zero
      for round in 0..<5 {
        backup = max(
          backup, try ContinuousClock().measure { _ = try sluice(["admin", "backup", "\(folder)/\(round)"]) })
      }
      let during = changes.longest()
      let check = try ContinuousClock().measure { _ = try sluice(["admin", "check"]) }
      let duringCheck = changes.stop()
      let offline = try ContinuousClock().measure {
        try Command.succeed([binary, "--check", "--ledger", "\(folder)/0"])
      }
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
