import Foundation
import Testing

extension LabSuite {
  /// Caps per user over two real clusters, by slurmctld's own figures.
  @Suite(.serialized) struct UserCapTests {
    /// A project of 64 CPUs with a cap per user, beside a Sluice of its own.
    private struct Place {
      let lab: Lab
      let account: String
      let sluice: SluiceLab

      init(on lab: Lab, users: String? = nil) throws {
        self.lab = lab
        account = Lab.newName("users")
        sluice = try SluiceLab(lab, name: account, users: users)
        try sluice.start()
      }

      func yaml(perUser: Int, members: [String]) -> String {
        let members = members.map { "\($0): user" }.joined(separator: ", ")
        return """
          projects:
            - name: \(account)
              limits: {cpu: 64}
              per_user: {cpu: \(perUser)}
              members: {\(members)}
              clusters: {alpha: , beta: }
          """
      }

      func set(perUser: Int, members: [String]) throws {
        try sluice.apply(yaml(perUser: perUser, members: members))
      }

      /// What `quota show` has of a user.
      func user(_ name: String) throws -> [String: Any]? {
        let quota = try sluice.sluice(["quota", "show", account]) as? [String: Any]
        return (quota?["users"] as? [[String: Any]])?.first { $0["user"] as? String == name }
      }

      func shows(_ user: String) throws -> Bool { try self.user(user) != nil }

      /// The GrpTRES of the user's association as slurmctld has it, such as `cpu=4(0)`; nil when there is none.
      func held(_ user: String, _ cluster: Cluster) throws -> Int? {
        let lines = try lab.slurm(
          cluster,
          ["scontrol", "-o", "show", "assoc_mgr", "accounts=\(account)", "users=\(user)", "flags=assoc"]
        ).lines.filter { $0.contains("Account=\(account) ") && $0.contains("UserName=\(user)(") }
        let field = lines.first?.split(separator: " ").first { $0.hasPrefix("GrpTRES=") }
        let cpu = field?.dropFirst("GrpTRES=".count).split(separator: ",").first { $0.hasPrefix("cpu=") }
        return cpu.flatMap { Int($0.dropFirst(4).prefix { $0.isNumber }) }
      }

      /// What slurmdbd has of it; nil when the user has no association there.
      func stored(_ user: String, _ cluster: Cluster) throws -> String? {
        try lab.slurm(
          .alpha,
          [
            "sacctmgr", "-nP", "show", "assoc", "account=\(account)", "cluster=\(cluster)", "user=\(user)",
            "format=User,GrpTRES",
          ]
        ).lines.first.map { String($0.drop { $0 != "|" }.dropFirst()) }
      }

      /// CPUs that the user's jobs hold over both clusters. As in `Sampler`: alpha before and after beta, and the lower
      /// counts.
      func used(by user: String) throws -> Int {
        let looks = try [Cluster.alpha, .beta, .alpha].map { cluster in
          try lab.slurm(
            cluster,
            ["squeue", "-hr", "-A", account, "-u", user, "-t", "RUNNING,SUSPENDED,CONFIGURING", "-o", "%C"]
          ).lines.reduce(0) { $0 + (Int($1) ?? 0) }
        }
        return min(looks[0], looks[2]) + looks[1]
      }

      func jobs(of user: String) throws -> Int {
        try Cluster.allCases.reduce(0) {
          try $0 + lab.slurm($1, ["squeue", "-hr", "-A", account, "-u", user]).lines.count
        }
      }

      func cancel(_ user: String) throws {
        for cluster in Cluster.allCases { try lab.slurm(cluster, ["scancel", "-A", account, "-u", user]) }
      }

      func end() {
        try? lab.cancelAll(account: account)
        sluice.stop()
      }
    }

    private func isHeld(_ place: Place, _ user: String, to cap: Int) -> Bool {
      waitUntil(seconds: 40) {
        let limits = Cluster.allCases.compactMap { try? place.held(user, $0) }
        return limits.count == 2 && limits.reduce(0, +) == cap
          && (try? place.user(user))?["state"] as? String == "ok"
      }
    }

    @Test func aUserNeverPassesHisCapOverBothClusters() throws {
      let lab = try Lab(options: ["--scheduling", "fast"])
      defer { lab.down() }
      let place = try Place(on: lab)
      defer { place.end() }
      try place.set(perUser: 6, members: ["alice", "bob"])
      #expect(isHeld(place, "alice", to: 6), "\(place.sluice.whatItSays)")
      #expect(isHeld(place, "bob", to: 6))

      // Far more than his cap, on both; the project has room for all of it.
      for number in 0..<24 {
        try lab.submit(
          Cluster.allCases[number % 2], account: place.account, cpus: number % 3 + 1,
          seconds: Double(number % 2 + 2))
      }
      for _ in 0..<4 { try lab.submit(.beta, account: place.account, user: "bob", seconds: 8) }
      var (most, together) = (0, 0)
      let end = ContinuousClock.now + .seconds(180)
      while try place.jobs(of: "alice") > 0, ContinuousClock.now < end {
        let alice = try place.used(by: "alice")
        most = max(most, alice)
        if alice >= 5 { together = max(together, try place.used(by: "bob")) }
      }
      #expect(try place.jobs(of: "alice") == 0, "\(place.sluice.whatItSays)")
      print("alice used \(most) CPUs of her 6 at most, and bob \(together) beside her")
      #expect(most <= 6)
      #expect(most >= 5, "the cap can be reached over both")
      #expect(together == 4, "another member runs meanwhile")

      // A lower cap ends nothing, and holds what comes after.
      for _ in 0..<10 { try lab.submit(.alpha, account: place.account, seconds: 600) }
      #expect(waitUntil(seconds: 40) { (try? place.used(by: "alice")) == 6 })
      try place.set(perUser: 3, members: ["alice", "bob"])
      #expect(waitUntil(seconds: 20) { (try? place.user("alice"))?["state"] as? String == "over" })
      #expect(try place.used(by: "alice") == 6)
      try place.cancel("alice")
      #expect(isHeld(place, "alice", to: 3))
      for _ in 0..<10 { try lab.submit(.alpha, account: place.account, seconds: 600) }
      #expect(waitUntil(seconds: 40) { (try? place.used(by: "alice")) == 3 })

      // One who is no member any more is held to no cap.
      try place.set(perUser: 3, members: ["bob"])
      #expect(
        waitUntil(seconds: 30) { Cluster.allCases.allSatisfy { (try? place.stored("alice", $0)) == "" } },
        "\(place.sluice.whatItSays)")
      #expect(waitUntil(seconds: 10) { (try? place.shows("alice")) == false })
      #expect(waitUntil(seconds: 40) { (try? place.used(by: "alice")) == 10 })
      #expect(isHeld(place, "bob", to: 3))
    }

    @Test func whoHasAnotherNameInAClusterIsHeldThereByIt() throws {
      let lab = try Lab.shared.get()
      let place = try Place(on: lab, users: "{beta: {alice: carol}}")
      defer { place.end() }
      try place.set(perUser: 4, members: ["alice"])
      let limits = { (try? place.held("alice", .alpha), try? place.held("carol", .beta)) }
      #expect(
        waitUntil(seconds: 40) {
          if case (let alpha?, let beta?) = limits() { alpha + beta == 4 } else { false }
        }, "\(place.sluice.whatItSays)")
      #expect(try place.stored("carol", .alpha) == nil)
      #expect(try place.stored("alice", .beta) == nil)
      // All of it moves to where the one person waits, under whichever name.
      for _ in 0..<6 { try lab.submit(.beta, account: place.account, user: "carol", seconds: 60) }
      #expect(waitUntil(seconds: 90) { (try? place.used(by: "carol")) == 4 })
      try lab.submit(.alpha, account: place.account, user: "alice", seconds: 60)
      Thread.sleep(forTimeInterval: 5)
      #expect(try place.used(by: "alice") == 0)
      let shares = try place.user("alice")?["clusters"] as? [[String: Any]]
      #expect(shares?.compactMap { $0["user"] as? String } == ["alice", "carol"])
    }

    @Test func aCapPerUserOverPartitionsIsAdviceAndSaidSo() throws {
      let lab = try Lab.shared.get()
      let place = try Place(on: lab)
      defer { place.end() }
      try lab.addAccount(place.account, users: ["bob"])
      try lab.slurm(
        .alpha,
        [
          "sacctmgr", "-iQ", "add", "user", "alice", "account=\(place.account)", "cluster=alpha",
          "partition=batch",
        ])
      let file = "\(place.sluice.folder)/held.yaml"
      try place.yaml(perUser: 6, members: ["alice", "bob"]).write(
        toFile: file, atomically: true, encoding: .utf8)
      let refused = try place.sluice.run(["apply", "-f", file])
      #expect(refused.status != 0)
      #expect((refused.output + refused.errors).contains("partition batch"), "\(refused)")
      #expect(try place.sluice.run(["apply", "-f", file, "--accept-unenforced"]).status == 0)
      #expect(waitUntil(seconds: 40) { (try? place.user("alice"))?["state"] as? String == "unenforced" })
      #expect(isHeld(place, "bob", to: 6), "\(place.sluice.whatItSays)")
      #expect(
        try place.held("alice", .alpha) != nil,
        "the association without a partition has its limit all the same")
    }
  }
}
