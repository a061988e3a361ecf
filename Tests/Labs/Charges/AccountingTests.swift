import Foundation
import Testing

extension LabSuite {
  /// What Sluice charges is what sacct shows, whatever is killed meanwhile.
  @Suite(.serialized) struct AccountingTests {
    private func submit(_ count: Int, _ lab: Lab, _ accounts: [String]) throws -> [(Cluster, Int)] {
      try (0..<count).map { number in
        let cluster = number % 4 == 3 ? Cluster.beta : .alpha
        let options = number % 5 == 0 ? ["--gres=gpu:h100:1", "--mem=\(number + 1)M"] : []
        let id = try lab.submit(
          cluster, account: accounts[number % accounts.count], user: number % 3 == 0 ? "bob" : "alice",
          cpus: 1 + number % 4, seconds: Double(1 + number % 5), options: options)
        return (cluster, id)
      }
    }

    private func requeue(_ jobs: [(Cluster, Int)], _ lab: Lab) throws -> Int {
      var requeued = 0
      for (cluster, id) in jobs {
        let command = ["scontrol", "requeue", "\(id)"]
        if try Command.run(command, environment: ["SLURM_CONF": lab.slurmConf(cluster)]).status == 0 {
          requeued += 1
        }
      }
      return requeued
    }

    /// Each TRES's seconds by project, as the report has them.
    private func reported(_ sluice: SluiceLab, _ project: String) throws -> [String: Int] {
      let items = try sluice.items(["usage", "report", "--project", project])
      return Dictionary(
        uniqueKeysWithValues: items.compactMap { item -> (String, Int)? in
          guard let tres = item["tres"] as? String, let hours = item["hours"] as? Double else { return nil }
          let seconds = hours * 3600 / (tres == "mem" ? 0x1p20 : 1)
          return (tres, Int(seconds.rounded()))
        })
    }

    @Test func chargesAreWhatSacctShowsToTheSecondAndEachOnce() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let project = Lab.newName("bill")
      let sluice = try SluiceLab(lab, name: project)
      defer { sluice.stop() }
      try sluice.start()
      try sluice.apply(
        "projects:\n  - {name: \(project), limits: {cpu: 300}, members: {alice: user, bob: user}, "
          + "clusters: {alpha: , beta: }}\n")
      try #require(waitUntil(seconds: 30) { sluice.isOK(project) }, "\(sluice.whatItSays)")
      let below = "\(project)-sub"
      try lab.slurm(
        .alpha, ["sacctmgr", "-iQ", "add", "account", below, "parent=\(project)", "cluster=alpha,beta"])
      try lab.slurm(
        .alpha, ["sacctmgr", "-iQ", "add", "user", "alice,bob", "account=\(below)", "cluster=alpha,beta"])
      let stranger = try lab.newAccount()

      var jobs = try submit(16, lab, [project, below, stranger])
      try lab.submit(.alpha, account: project, seconds: 2, options: ["--array=0-9"])
      try lab.slurm(
        .alpha,
        [
          "sbatch", "--parsable", "--chdir=/tmp", "--output=/dev/null", "-A", project, "-n1", "-c2",
          "--mem=3M", ":",
          "-A", project, "-n1", "-c1", "--mem=1M", "--gres=gpu:1", "--wrap", "exec sleep 3",
        ], as: "alice")
      let long = try lab.submit(.alpha, account: project, cpus: 3, seconds: 600)
      let suspended = try lab.submit(.alpha, account: below, cpus: 2, seconds: 12)
      Thread.sleep(forTimeInterval: 2)
      try lab.slurm(.alpha, ["scontrol", "suspend", "\(suspended)"])
      var requeued = try requeue(Array(jobs.suffix(8)) + [(.alpha, long)], lab)
      try lab.slurm(.alpha, ["scancel", "\(jobs[4].1)"])

      try #require(sluice.agents[.alpha]).kill()
      try lab.control("kill", "slurmdbd")
      jobs = try submit(14, lab, [project, below])
      Thread.sleep(forTimeInterval: 3)
      sluice.sluiced.kill()
      requeued += try requeue(Array(jobs.suffix(6)) + [(.alpha, long)], lab)
      try lab.slurm(.alpha, ["scontrol", "resume", "\(suspended)"])
      try #require(sluice.agents[.alpha]).start()
      try sluice.sluiced.start()
      Thread.sleep(forTimeInterval: 3)
      try lab.control("start", "slurmdbd")
      _ = try submit(10, lab, [project, stranger])
      Thread.sleep(forTimeInterval: 3)
      try lab.slurm(.alpha, ["scancel", "\(long)"])
      #expect(requeued >= 2)
      let haveEnded = lab.waitForAllJobs(of: [project, below, stranger], seconds: 60)
      try #require(haveEnded, "\(sluice.whatItSays)")

      let isComplete = try waitUntil(seconds: 30) {
        try Cluster.allCases.allSatisfy { try Run.told(by: lab, $0).isComplete }
      }
      #expect(isComplete)
      // Beyond the agent's lag, so that a sluiced that starts now finds all.
      Thread.sleep(forTimeInterval: 11)
      sluice.sluiced.kill()
      try sluice.sluiced.start()
      let truth = try Cluster.allCases.flatMap { try Run.told(by: lab, $0).runs }
      #expect(truth.count > 50)
      let isCharged = try waitUntil(seconds: 70) {
        Thread.sleep(forTimeInterval: 1)
        return try Run.charged(by: sluice).count >= truth.count
      }
      #expect(isCharged, "\(sluice.whatItSays)")
      let ledger = try Run.charged(by: sluice)
      try Run.expectEqual(ledger, truth, lab)

      var sums: [String: Int] = [:]
      for run in truth where run.account != stranger {
        for (tres, amount) in run.tres { sums[tres, default: 0] += amount * (Int(run.seconds) ?? 0) }
      }
      #expect(try reported(sluice, project) == sums)
      let seen = try sluice.sluice(["usage", "report"], as: "alice") as? [String: Any]
      let projects = (seen?["items"] as? [[String: Any]])?.map { $0["project"] as? String }
      #expect(Set(projects ?? []) == [project], "a member sees the project, and not what is none of it")
      let hidden = try sluice.sluice(["usage", "report"], as: "carol") as? [String: Any]
      #expect((hidden?["items"] as? [[String: Any]])?.isEmpty == true)
    }
  }
}
