import Foundation
import Testing

extension TimedSuite {
  /// What others do to the clusters behind Sluice's back, and how soon it is seen.
  @Suite(.serialized) struct ForeignHandTests {
    @Test func aChangedLimitIsSeenReportedAndPutBack() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      let before = try #require(try grant.native(.alpha))
      try grant.lab.setLimit("cpu=50", account: grant.account, clusters: [.alpha])
      #expect(
        try waitUntil(seconds: 5) { try grant.audit().contains { $0["action"] as? String == "drift" } },
        "seen within 5 s")
      #expect(try waitUntil(seconds: 10) { try grant.native(.alpha) == before }, "put back")
      #expect(try waitUntil(seconds: 10) { try grant.state() == "ok" })
    }

    @Test func aChangedLimitIsOnlyReportedWhereTheSettingSaysSo() throws {
      let grant = try Grant(cpu: 8, drift: "report")
      defer { grant.end() }
      try grant.lab.setLimit("cpu=50", account: grant.account, clusters: [.alpha])
      #expect(try waitUntil(seconds: 5) { try grant.state() == "drift" })
      #expect(try grant.reasons().contains("cpu=50"))
      Thread.sleep(forTimeInterval: 4)
      #expect(try grant.native(.alpha) == 50, "left as it is")
    }
  }
}

extension LabSuite {
  /// What keeps a cluster from holding its limits.
  @Suite(.serialized) struct UnenforcedTests {
    @Test func aQOSWithItsOwnLimitMakesTheProjectUnenforced() throws {
      let grant = try Grant(cpu: 8)
      defer { grant.end() }
      let qos = "big\(grant.account)"
      try grant.lab.slurm(.alpha, ["sacctmgr", "-iQ", "add", "qos", qos, "GrpTRES=cpu=100"])
      try grant.lab.slurm(
        .alpha,
        [
          "sacctmgr", "-iQ", "modify", "account", "where", "name=\(grant.account)", "cluster=alpha", "set",
          "qos+=\(qos)",
        ])
      #expect(try waitUntil(seconds: 15) { try grant.state() == "unenforced" })
      #expect(try grant.reasons().contains(qos))

      // A plan for another account that this QOS reaches is refused, and taken when that is accepted.
      let other = try grant.lab.newAccount(prefix: "planned")
      try grant.lab.slurm(
        .alpha, ["sacctmgr", "-iQ", "modify", "account", "where", "name=\(other)", "set", "qos+=\(qos)"])
      let file = "\(grant.sluice.folder)/planned.yaml"
      try "projects: [{name: \(other), limits: {cpu: 4}, clusters: {alpha: {}}}]\n"
        .write(toFile: file, atomically: true, encoding: .utf8)
      let refused = try grant.sluice.run(["apply", "-f", file])
      #expect(refused.status == 1)
      #expect((refused.output + refused.errors).contains(qos))
      #expect(try grant.sluice.run(["apply", "-f", file, "--accept-unenforced"]).status == 0)
    }

    @Test func enforceWithoutLimitsMakesTheProjectUnenforced() throws {
      let lab = try Lab(options: ["--enforce", "associations"])
      defer { lab.down() }
      let sluice = try SluiceLab(lab, name: "sluice")
      defer { sluice.stop() }
      try sluice.start()
      let file = "\(sluice.folder)/p.yaml"
      try "projects: [{name: loose, limits: {cpu: 8}, clusters: {alpha: {}, beta: {}}}]\n"
        .write(toFile: file, atomically: true, encoding: .utf8)
      let refused = try sluice.run(["apply", "-f", file])
      #expect(refused.status == 1)
      #expect((refused.output + refused.errors).contains("AccountingStorageEnforce"))
      #expect(try sluice.run(["apply", "-f", file, "--accept-unenforced"]).status == 0)
      let quota = try sluice.sluice(["quota", "show", "loose"]) as? [String: Any]
      #expect(quota?["state"] as? String == "unenforced")
    }
  }
}

extension Grant {
  func audit() throws -> [[String: Any]] {
    try sluice.items(["audit", "--project", account])
  }
}
