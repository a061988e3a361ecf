import Foundation
import Testing

extension LabSuite {
  /// Disks that are full: what can't be kept is refused or not acknowledged, in words, and comes back with room.
  @Suite(.serialized) struct FullDiskTests {
    @Test func sluicedEndsRatherThanAcknowledgeWhatItCanNotKeep() throws {
      var disk: SmallDisk?
      defer { disk?.unmount() }
      let grant = try Grant(cpu: 8) { sluice in
        disk = try SmallDisk(at: "\(sluice.folder)/ledger", kilobytes: 1024, owner: "root")
      }
      defer { grant.end() }
      let small = try #require(disk)
      try small.fill()
      let acknowledged = try lowerUntilRefused(grant)
      #expect(waitUntil(seconds: 30) { grant.sluice.sluiced.pid == nil }, "it ends")
      #expect(grant.sluice.sluiced.exitStatus == 1)
      #expect(
        grant.sluice.sluiced.log.contains("ledger.sqlite can't be written, for its disk is full"),
        "\(grant.sluice.sluiced.log)")

      try grant.sluice.sluiced.start()
      #expect(
        waitUntil(seconds: 30) { grant.sluice.sluiced.exitStatus != nil }, "it can't begin a term either")
      #expect(grant.sluice.sluiced.exitStatus == 1)

      try small.makeRoom()
      try grant.sluice.sluiced.start()
      #expect(waitUntil(seconds: 60) { (try? grant.state()) == "ok" })
      let line = try #require((try grant.quota()["tres"] as? [[String: Any]])?.first)
      #expect(line["cap"] as? Int == acknowledged ?? 8, "what was acknowledged, and nothing else")
      try grant.setCap(6)
      #expect(try waitUntil(seconds: 60) { try grant.native(.alpha, .beta) == 6 })
    }

    /// The file still has some room of its own: commands are taken until that is used. Returns the last cap that
    /// was acknowledged.
    private func lowerUntilRefused(_ grant: Grant) throws -> Int? {
      var acknowledged: Int?
      for number in 0..<400 {
        let cap = 7 - number % 2
        let result = try grant.sluice.run(["project", "set", grant.account, "--limit", "cpu=\(cap)"])
        guard result.status == 0 else { return acknowledged }
        acknowledged = cap
      }
      throw CommandFailure(description: "400 commands fit on a full disk")
    }

    @Test func anAgentRefusesAWriteWhoseNumberItCanNotKeep() throws {
      var disk: SmallDisk?
      defer { disk?.unmount() }
      let grant = try Grant(cpu: 8) { sluice in
        disk = try SmallDisk(at: "\(sluice.folder)/alpha/state", kilobytes: 64, owner: "slurm")
      }
      defer { grant.end() }
      let small = try #require(disk)
      let before = try grant.native(.alpha)
      try small.fill()
      try grant.setCap(4)
      #expect(try waitUntil(seconds: 30) { try grant.reasons().contains("No space left on device") })
      #expect(try grant.reasons().contains("last-write.json"), "which file")
      #expect(try grant.sluice.run(["status"]).output.contains("No space left on device"))
      #expect(try grant.native(.alpha) == before, "not written")
      #expect(try grant.state() != "ok")
      #expect(grant.sluice.agents[.alpha]?.pid != nil, "the agent goes on")

      try small.makeRoom()
      #expect(try waitUntil(seconds: 90) { try grant.native(.alpha, .beta) == 4 })
      #expect(try waitUntil(seconds: 30) { try grant.state() == "ok" })
    }
  }
}

extension Grant {
  /// The sum of what slurmctlds hold the account to; nil where there is no limit.
  func native(_ clusters: Cluster...) throws -> Int? {
    try clusters.reduce(0) { sum, cluster in
      let limit = try native(cluster)
      return sum.flatMap { sum in limit.map { sum + $0 } }
    }
  }
}
