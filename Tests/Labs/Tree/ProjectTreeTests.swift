import Foundation
import Testing

extension LabSuite {
  /// A tree of three levels on real clusters, with two types of GPU.
  @Suite(.serialized) struct ProjectTreeTests {
    @Test func noNodeOfATreePassesItsCapAndALenderHasItsOwnBack() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let tree = ProjectTree.physics
      let sluice = try SluiceLab(lab, name: "tree")
      defer { sluice.stop() }
      try sluice.start()
      // Slurm itself would not hold GPUs without a type to the cap on one; the jobs here all say theirs.
      try sluice.apply(tree.yaml, options: ["--accept-unenforced"])
      try #require(waitUntil(seconds: 60) { isWell(tree, sluice) }, "\(sluice.whatItSays)")
      try checkAccounts(tree, lab)

      let watch = TreeWatch(lab, tree)
      let load = TreeLoad(lab, tree, watch: watch, active: ["sequencing", "assembly"], seed: 1)
      try borrowAndGiveBack(from: "proteomics", asking: "folding", to: "genomics", watch, sluice)
      load.turn(to: ["sequencing", "assembly", "folding", "proteomics"])
      Thread.sleep(forTimeInterval: 15)
      load.turn(to: ["folding", "proteomics"])
      try borrowAndGiveBack(from: "genomics", asking: "sequencing", to: "proteomics", watch, sluice)
      load.stop()
      #expect(lab.waitForAllJobs(of: tree.names, seconds: 120), "\(sluice.whatItSays)")
      watch.stop()
      report(watch, load)

      #expect(watch.faults == [])
      #expect(watch.counts.good > 50)
      #expect(load.failures == [])
      let peaks = watch.peaks
      #expect(peaks["physics"]?["cpu"] == tree["physics"]?.caps["cpu"], "all of the cap was in use")
      for node in tree.nodes { #expect(peaks[node.project]?["gres/gpu"] ?? 0 > 0, "\(node.project)") }
      for type in ["h100", "a100"] { #expect(peaks["physics"]?["gres/gpu:\(type)"] ?? 0 > 0, "\(type)") }
      #expect(waitUntil(seconds: 60) { isWell(tree, sluice) }, "\(sluice.whatItSays)")
    }

    /// Waits until one has borrowed from the other's cap, which then asks for all of it.
    private func borrowAndGiveBack(
      from lender: String, asking team: String, to borrower: String, _ watch: TreeWatch, _ sluice: SluiceLab
    ) throws {
      let tree = ProjectTree.physics
      let own = tree[borrower]?.caps["cpu"] ?? 0
      try #require(
        waitUntil(seconds: 90) { watch.used("cpu", by: borrower) > own },
        "\(borrower) borrows nothing\n\(sluice.whatItSays)")
      let shown = try sluice.run(["quota", "show", borrower]).output
      #expect(shown.contains("from \(lender)"), "\(shown)")

      let guaranteed = tree[lender]?.caps["cpu"] ?? 0
      let asked = ContinuousClock.now
      for cluster in Cluster.allCases {
        try sluice.lab.submit(
          cluster, account: team, user: tree[team]?.user ?? "", seconds: 12,
          options: ["-a", "1-\(guaranteed)"])
      }
      // Many times what it takes: that it comes is promised, and how soon is printed.
      let hasAll = waitUntil(seconds: 15 * TreeLoad.longest) {
        watch.used("cpu", by: lender) >= guaranteed
      }
      let seconds = (ContinuousClock.now - asked) / .seconds(1)
      print(
        "\(lender) asks, and uses all \(guaranteed) CPUs of its own after \(seconds) s: jobs take up to "
          + "\(TreeLoad.longest) s")
      #expect(hasAll, "\(sluice.whatItSays)")
      let history = try sluice.items(["quota", "history", lender])
      #expect(history.contains { $0["action"] as? String == "loan" })
    }

    private func checkAccounts(_ tree: ProjectTree, _ lab: Lab) throws {
      for node in tree.nodes {
        let parents = try lab.slurm(
          .alpha,
          ["sacctmgr", "-nP", "show", "assoc", "account=\(node.project)", "user=", "format=ParentName"]
        ).lines
        #expect(Set(parents) == [node.parent ?? "root"], "created where the tree has it")
      }
    }

    private func report(_ watch: TreeWatch, _ load: TreeLoad) {
      let (good, slow, failed) = watch.counts
      print(
        "\(load.submitted) submissions; \(good) looks (\(slow) more too slow, \(failed) without an answer)")
      for (project, amounts) in watch.peaks.sorted(by: { $0.key < $1.key }) {
        let text = amounts.filter { $0.key == "cpu" || $0.key.hasPrefix("gres") }.sorted { $0.key < $1.key }
          .map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        print("  at most in \(project): \(text)")
      }
    }

    private func isWell(_ tree: ProjectTree, _ sluice: SluiceLab) -> Bool {
      tree.nodes.allSatisfy { node in
        let isTyped = node.caps.keys.contains { $0.contains(":") }
        return state(of: node.project, sluice) == (isTyped ? "unenforced" : "ok")
      }
    }

    private func state(of project: String, _ sluice: SluiceLab) -> String? {
      (try? sluice.sluice(["quota", "show", project]) as? [String: Any])?["state"] as? String
    }

    @Test func whatASiblingLeavesIdleIsBorrowedAndGivenBack() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let top = Lab.newName("loan")
      let (borrower, lender) = ("\(top)-borrower", "\(top)-lender")
      let sluice = try SluiceLab(lab, name: top)
      defer { sluice.stop() }
      try sluice.start()
      try sluice.apply(
        """
        projects:
          - {name: \(top), limits: {cpu: 8}, clusters: {alpha: , beta: }}
          - {name: \(borrower), parent: \(top), limits: {cpu: 4}, borrow: {cpu: 4}, members: {alice: user}, \
        clusters: {alpha: , beta: }}
          - {name: \(lender), parent: \(top), limits: {cpu: 4}, lend: {cpu: 3}, members: {bob: user}, \
        clusters: {alpha: , beta: }}
        """)
      #expect(waitUntil(seconds: 60) { state(of: lender, sluice) == "ok" }, "\(sluice.whatItSays)")
      for number in 0..<40 { try lab.submit(Cluster.allCases[number % 2], account: borrower, seconds: 6) }
      func running(_ account: String) -> Int {
        Cluster.allCases.reduce(0) { sum, cluster in
          sum + ((try? lab.jobs(cluster, account: account)) ?? []).count { $0.state == "RUNNING" }
        }
      }
      #expect(waitUntil(seconds: 40) { running(borrower) == 7 }, "its own 4 and the 3 that are lent")
      let shown = try sluice.run(["quota", "show", borrower]).output
      #expect(shown.contains("from \(lender)"), "\(shown)")

      let asked = ContinuousClock.now
      for number in 0..<8 {
        try lab.submit(Cluster.allCases[number % 2], account: lender, user: "bob", seconds: 4)
      }
      #expect(waitUntil(seconds: 60) { running(lender) == 4 }, "\(sluice.whatItSays)")
      print(
        "a lender has all of its 4 again after \((ContinuousClock.now - asked) / .seconds(1)) s; jobs run for 6 s"
      )
      let history = try sluice.items(["quota", "history", lender])
      #expect(history.contains { $0["action"] as? String == "loan" })
    }

    @Test func anAccountMovedAwayFromItsParentIsTold() throws {
      let lab = try Lab.shared.get()
      let top = Lab.newName("tree")
      let right = "\(top)-right"
      let sluice = try SluiceLab(lab, name: top)
      defer { sluice.stop() }
      try sluice.start()
      try lab.addAccount(right, users: ["carol"])
      let taken = try sluice.run(
        ["project", "set", top, "--limit", "cpu=4", "--cluster", "alpha", "--cluster", "beta"])
      #expect(taken.status == 0)
      #expect(waitUntil(seconds: 30) { state(of: top, sluice) == "ok" })
      let set = ["project", "set", right, "--parent", top, "--limit", "cpu=4", "--cluster", "alpha"]
      let plan = try sluice.run(set)
      #expect(plan.status == 1)
      #expect(plan.errors.contains("account \(right) does not lie under \(top)"), "\(plan)")
      try lab.slurm(
        .alpha,
        [
          "sacctmgr", "-iQ", "modify", "account", "where", "name=\(right)", "cluster=alpha", "set",
          "parent=\(top)",
        ])
      #expect(try waitUntil(seconds: 90) { try sluice.run(set).status == 0 }, "moved, it is taken")
    }
  }
}
