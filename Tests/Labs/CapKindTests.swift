import Foundation
import Model
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

    /// What sacctmgr takes it prints in another form, and scontrol in a third: all are read as the same amount. sacctmgr
    /// also takes decimals and junk, as something else; those Sluice refuses or reads as they are meant.
    @Test(arguments: [
      "mem=1536", "mem=1537M", "mem=2T", "mem=1P", "cpu=1K", "cpu=1000", "gres/gpu=2K", "billing=7",
      "cpu=8,mem=1000G,node=3,gres/gpu:h100=2,license/matlab=4",
    ])
    func amountsAreReadAsSlurmPrintsThem(text: String) throws {
      let lab = try Lab.shared.get()
      let account = try lab.newAccount(limit: text)
      let given = try TRESAmounts(parsing: text)
      let printed = try lab.storedLimit(account: account, .alpha)
      #expect(try TRESAmounts(parsing: printed) == given, "sacctmgr prints \(printed)")
      let line = try lab.slurm(
        .alpha, ["scontrol", "-o", "show", "assoc_mgr", "accounts=\(account)", "flags=assoc"]
      ).lines.first { $0.contains("Account=\(account) ") && $0.contains("UserName= ") }
      let field = line?.split(separator: " ").first { $0.hasPrefix("GrpTRES=") }?.dropFirst("GrpTRES=".count)
      let held = try #require(field).split(separator: ",").map { $0.prefix { $0 != "(" } }
        .filter { !$0.hasSuffix("=N") }
      #expect(try TRESAmounts(parsing: held.joined(separator: ",")) == given, "scontrol prints \(held)")
      // And what is written for people can be given to sacctmgr, and means the same there.
      let again = try lab.newAccount(limit: given.description)
      #expect(try lab.storedLimit(account: again, .alpha) == printed)
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
      #expect(waitUntil(seconds: 30) { sluice.isOK(account) }, "\(sluice.whatItSays)")
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
