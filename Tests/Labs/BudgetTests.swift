import Foundation
import Testing

extension LabSuite {
  /// A budget of some CPU-seconds on real clusters.
  @Suite(.serialized) struct BudgetTests {
    private func budget(_ sluice: SluiceLab, _ project: String) throws -> [String: Any] {
      let status = try sluice.sluice(["budget", "show", project]) as? [String: Any]
      return (status?["tres"] as? [[String: Any]])?.first ?? [:]
    }

    private func state(_ sluice: SluiceLab, _ project: String) throws -> String? {
      (try sluice.sluice(["quota", "show", project]) as? [String: Any])?["state"] as? String
    }

    private func job(_ id: Int, _ lab: Lab, _ account: String) throws -> LabJob? {
      try lab.jobs(.alpha, account: account).first { $0.id == id }
    }

    @Test func whenItIsSpentNothingMoreStartsUntilThereIsSomeAgain() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let project = Lab.newName("budget")
      let sluice = try SluiceLab(lab, name: project)
      defer { sluice.stop() }
      try sluice.start()
      // 72 CPU-seconds.
      try sluice.apply(
        """
        projects:
          - name: \(project)
            limits: {cpu: 64}
            budget: {tres: {cpu: 0.02h}, period: {from: 2020-01-01, to: 2999-12-31}}
            members: {alice: user}
            clusters: {alpha: , beta: }

        """)
      try #require(
        try waitUntil(seconds: 30) { try state(sluice, project) == "ok" }, "\(sluice.whatItSays)")

      // Two CPUs for a minute are more than there is: held as soon as it runs.
      let first = try lab.submit(.alpha, account: project, cpus: 2, seconds: 300, options: ["--time=1"])
      try #require(
        try waitUntil(seconds: 30) { try job(first, lab, project)?.state == "RUNNING" },
        "\(sluice.whatItSays)")
      try #require(
        try waitUntil(seconds: 30) { try state(sluice, project) == "spent" }, "\(sluice.whatItSays)")
      try #require(
        try waitUntil(seconds: 30) { try lab.nativeLimits(of: [project], .alpha)[project] == 0 })
      #expect(try budget(sluice, project)["charged"] as? Double == 0)
      let second = try lab.submit(.alpha, account: project, seconds: 600, options: ["--time=20"])
      try #require(
        try waitUntil(seconds: 30) { try job(second, lab, project)?.reason == "AssocGrpCpuLimit" },
        "\(sluice.whatItSays)")
      #expect(try job(first, lab, project)?.state == "RUNNING", "nothing is killed")

      // It costs some seconds in truth, and what was held beyond them is free again.
      try lab.slurm(.alpha, ["scancel", "\(first)"])
      try #require(
        try waitUntil(seconds: 150) { try job(second, lab, project)?.state == "RUNNING" },
        "\(sluice.whatItSays)")
      #expect(
        try waitUntil(seconds: 90) { try (budget(sluice, project)["charged"] as? Double ?? 0) > 0 },
        "\(sluice.whatItSays)")

      try sluice.sluice(["budget", "debit", project, "cpu=0.02h", "--reason", "test"])
      try #require(
        try waitUntil(seconds: 30) { try lab.nativeLimits(of: [project], .alpha)[project] == 0 },
        "\(sluice.whatItSays)")
      let third = try lab.submit(.alpha, account: project, seconds: 600, options: ["--time=1"])
      try #require(
        try waitUntil(seconds: 30) { try job(third, lab, project)?.reason == "AssocGrpCpuLimit" },
        "\(sluice.whatItSays)")
      #expect(try job(second, lab, project)?.state == "RUNNING", "nothing is killed")
      try sluice.sluice(["budget", "credit", project, "cpu=10h", "--reason", "test"])
      try #require(
        try waitUntil(seconds: 30) { try job(third, lab, project)?.state == "RUNNING" },
        "\(sluice.whatItSays)")
      #expect(try state(sluice, project) != "spent")
      let history = try sluice.items(["quota", "history", project, "--all"]).compactMap {
        $0["action"] as? String
      }
      #expect(history.count { $0 == "budget" } >= 4, "spent and open, twice: \(history)")
      try lab.cancelAll(account: project)
    }
  }
}
