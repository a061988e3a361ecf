import Foundation
import Testing

extension TimedSuite {
  /// A spent budget with `when_spent: deny`, at submission.
  @Suite(.serialized) struct BudgetHookTests {
    let hook: HookLab

    init() throws { hook = try HookLab.shared.get() }

    @Test func aSubmissionIsRefusedInWordsUntilThereIsACredit() throws {
      let project = Lab.newName("denied")
      try hook.sluice.apply(
        """
        projects:
          - name: \(project)
            limits: {cpu: 16, gres/gpu: 4}
            budget: {tres: {gres/gpu: 10h}, period: {from: 2020-01-01, to: 2999-12-31}, when_spent: deny}
            members: {alice: user}
            clusters: {alpha: }

        """)
      func sbatch(_ options: [String]) throws -> CommandResult {
        try hook.sbatch(.alpha, ["--test-only", "--account=\(project)"] + options, saysAccount: false)
      }
      let gpus = ["-n1", "--gres=gpu:1"]
      try #require(try waitUntil(seconds: 30) { try sbatch(gpus).status == 0 }, "\(hook.sluice.whatItSays)")
      try hook.sluice.sluice(["budget", "debit", project, "gres/gpu=10h", "--reason", "test"])
      let sentence =
        "project \(project) has spent its budget of 0 gres/gpu-hours for 2020-01-01 to 2999-12-31: 0 used, 0 left"
      try #require(
        try waitUntil(seconds: 30) { try sbatch(gpus).errors.contains(sentence) },
        "\(hook.sluice.whatItSays)")
      #expect(try sbatch(["-n1"]).status == 0, "it would use none of it")
      try hook.sluice.sluice(["budget", "credit", project, "gres/gpu=1h", "--reason", "test"])
      try #require(try waitUntil(seconds: 30) { try sbatch(gpus).status == 0 }, "\(hook.sluice.whatItSays)")
    }
  }
}
