import Foundation
import Testing

extension LabSuite {
  /// Caps of every kind of TRES on real clusters: each is written natively, and holds over both.
  @Suite(.serialized) struct CapKindTests {
    /// What the account's association is held to, by sacctmgr.
    private func native(_ format: String, _ account: String, _ cluster: Cluster, _ lab: Lab) throws -> String
    {
      try lab.slurm(
        .alpha,
        [
          "sacctmgr", "-nP", "show", "assoc", "account=\(account)", "cluster=\(cluster)", "user=",
          "format=\(format)",
        ]
      ).lines.first ?? ""
    }

    @Test func jobsLicensesMemoryAndNodesAreHeldNatively() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let account = Lab.newName("caps")
      let sluice = try SluiceLab(lab, name: account)
      defer { sluice.stop() }
      try sluice.start()
      let project: (String) -> String = { limits in
        "projects:\n  - {name: \(account), limits: {\(limits)}, jobs: {running: 4, submitted: 40}, "
          + "members: {alice: user}, clusters: {alpha: , beta: }}\n"
      }
      try sluice.apply(project("cpu: 32, mem: 64G, node: 6, license/matlab: 2"))
      let isOK = {
        (try? sluice.sluice(["quota", "show", account]) as? [String: Any])?["state"] as? String == "ok"
      }
      #expect(waitUntil(seconds: 30, isOK), "\(sluice.whatItSays)")
      for cluster in Cluster.allCases {
        #expect(try native("GrpJobs,GrpSubmit", account, cluster, lab) != "|")
        let tres = try native("GrpTRES", account, cluster, lab)
        for name in ["cpu=", "mem=", "node=", "license/matlab="] { #expect(tres.contains(name), "\(tres)") }
      }

      var most = (jobs: 0, licensed: 0)
      for number in 0..<12 {
        try lab.submit(
          Cluster.allCases[number % 2], account: account, seconds: 2,
          options: number < 6 ? ["-L", "matlab:1"] : [])
      }
      let end = ContinuousClock.now + .seconds(120)
      var left = 12
      while left > 0, ContinuousClock.now < end {
        // As in `Sampler`: alpha before and after beta, and the lower counts.
        let looks = try [Cluster.alpha, .beta, .alpha].map {
          try lab.slurm($0, ["squeue", "-h", "-A", account, "-o", "%T %W"]).lines
        }
        left = looks[1].count + looks[2].count
        let running = looks.map { $0.filter { $0.hasPrefix("RUNNING") } }
        let licensed = running.map { $0.count { $0.contains("matlab") } }
        most.jobs = max(most.jobs, min(running[0].count, running[2].count) + running[1].count)
        most.licensed = max(most.licensed, min(licensed[0], licensed[2]) + licensed[1])
      }
      #expect(left == 0)
      #expect(most.jobs == 4, "all that may run at once did, and no more")
      #expect(most.licensed == 2)

      try sluice.apply(
        "projects:\n  - {name: \(account), limits: {cpu: 32}, members: {alice: user}, "
          + "clusters: {alpha: , beta: }}\n")
      let isCleared = {
        Cluster.allCases.allSatisfy { (try? native("GrpJobs,GrpSubmit", account, $0, lab)) == "|" }
      }
      #expect(waitUntil(seconds: 30, isCleared), "what is capped no more is lifted")
      #expect(try native("GrpTRES", account, .alpha, lab).hasPrefix("cpu="))
    }
  }
}
