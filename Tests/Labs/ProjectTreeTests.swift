import Foundation
import Testing

extension LabSuite {
  /// A tree of three levels on real clusters.
  @Suite(.serialized) struct ProjectTreeTests {
    @Test func noNodeOfATreePassesItsCap() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let tree = ProjectTree()
      let sluice = try SluiceLab(lab, name: tree.nodes[0].project)
      defer { sluice.stop() }
      try sluice.start()
      try sluice.apply(tree.yaml)
      #expect(waitUntil(seconds: 60) { (try? isWell(tree, sluice)) == true }, "\(sluice.whatItSays)")
      for node in tree.nodes {
        let parents = try lab.slurm(
          .alpha,
          ["sacctmgr", "-nP", "show", "assoc", "account=\(node.project)", "user=", "format=ParentName"]
        ).lines
        #expect(Set(parents) == [node.parent ?? "root"], "created where the tree has it")
      }

      let sampler = TreeSampler(lab, tree)
      for number in 0..<16 {
        for node in tree.nodes {
          let cluster = Cluster.allCases[number % 2]
          try submit(number, to: cluster, of: node, lab)
        }
      }
      let names = tree.nodes.map(\.project)
      #expect(lab.waitForAllJobs(of: names, seconds: 240))
      let (peaks, count) = sampler.stop()
      #expect(count > 20)
      for node in tree.nodes {
        for (tres, cap) in node.caps {
          let peak = peaks[node.project]?[tres] ?? 0
          #expect(peak <= cap, "\(node.project) used \(peak) \(tres) at once")
        }
      }
      let top = tree.nodes[0]
      #expect(peaks[top.project]?["cpu"] == top.caps["cpu"], "all of the cap was in use at some moment")
      #expect(waitUntil(seconds: 20) { (try? isWell(tree, sluice)) == true }, "\(sluice.whatItSays)")
    }

    /// Single jobs, arrays, jobs with GPUs and heterogeneous jobs in turn.
    private func submit(
      _ number: Int, to cluster: Cluster, of node: ProjectTree.Node, _ lab: Lab
    ) throws {
      let user = node.users[0]
      switch number % 8 {
      case 2, 3:
        try lab.submit(cluster, account: node.project, user: user, seconds: 1, options: ["-a", "1-3"])
      case 4, 5:
        try lab.submit(
          cluster, account: node.project, user: user, seconds: 2, options: ["--gres=gpu:1"])
      case 6:
        try lab.submit(
          cluster, account: node.project, user: user, seconds: 1,
          options: [":", "--ntasks=1", "--cpus-per-task=2", "--mem=1M", "--account=\(node.project)"])
      default: try lab.submit(cluster, account: node.project, user: user, cpus: number % 2 + 1, seconds: 2)
      }
    }

    private func isWell(_ tree: ProjectTree, _ sluice: SluiceLab) throws -> Bool {
      try tree.nodes.allSatisfy { try isWell($0.project, sluice) }
    }

    private func isWell(_ project: String, _ sluice: SluiceLab) throws -> Bool {
      (try sluice.sluice(["quota", "show", project]) as? [String: Any])?["state"] as? String == "ok"
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
      #expect(waitUntil(seconds: 60) { (try? isWell(lender, sluice)) == true }, "\(sluice.whatItSays)")
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
      let tree = ProjectTree()
      let sluice = try SluiceLab(lab, name: tree.nodes[0].project)
      defer { sluice.stop() }
      try sluice.start()
      let (top, right) = (tree.nodes[0].project, tree.nodes[2].project)
      try lab.addAccount(right, users: ["carol"])
      let taken = try sluice.run(
        ["project", "set", top, "--limit", "cpu=4", "--cluster", "alpha", "--cluster", "beta"])
      #expect(taken.status == 0)
      #expect(waitUntil(seconds: 30) { (try? isWell(top, sluice)) == true })
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
