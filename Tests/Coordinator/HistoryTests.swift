import Foundation
import Ledger
import Model
import Testing
import Wire

/// What `quota.history` tells, from a ledger that another sluiced left.
@Suite struct HistoryTests {
  private static let entries: [(at: Int64, action: String, cluster: String?, from: String?, to: String)] = [
    (10, "project.set", nil, nil, "limits.cpu=8 limits.gres/gpu=4 members.alice=admin"),
    (20, "allotment", "alpha", "", "cpu=4,gres/gpu=1"),
    (21, "allotment", "beta", "", "cpu=4,gres/gpu=3"),
    (30, "project.set", nil, "limits.cpu=8", "limits.cpu=12"),
    (40, "allotment", "alpha", "cpu=4,gres/gpu=1", "cpu=8,gres/gpu=1"),
    (50, "admin.backup", nil, nil, "elsewhere"),
  ]

  private func withHistory(_ body: (Service) throws -> Void) throws {
    let folder = "/tmp/sluice-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let ledger = try SQLiteLedger(path: "\(folder)/ledger.sqlite")
    _ = try ledger.start(at: Timestamp(seconds: 1))
    for entry in Self.entries {
      let at = Timestamp(seconds: entry.at)
      var batch = LedgerBatch(at: at)
      batch.audit = [
        AuditRecord(
          at: at, who: "root", action: entry.action, project: "gen", cluster: entry.cluster, from: entry.from,
          to: entry.to)
      ]
      try ledger.commit(batch)
    }
    ledger.close()
    let service = try Service(keeping: folder)
    defer { service.remove() }
    defer { service.end() }
    try body(service)
  }

  @Test func allotmentsStandBetweenTheCaps() throws {
    try withHistory { service in
      let request = QuotaHistoryRequest(project: try ProjectName("gen"))
      let items = try service.call("quota.history", request, as: Page<AuditEntry>.self).items
      #expect(items.map(\.at.seconds) == [40, 30, 21, 20, 10])
    }
  }

  @Test func oneClusterAtOneMomentIsTheNewestEntryUpToThen() throws {
    try withHistory { service in
      let request = QuotaHistoryRequest(
        project: try ProjectName("gen"), cluster: try ClusterName("alpha"), until: Timestamp(seconds: 29),
        limit: 1)
      let page = try service.call("quota.history", request, as: Page<AuditEntry>.self)
      #expect(page.items.map(\.to) == ["cpu=4,gres/gpu=1"])
      #expect(page.nextCursor != nil)
    }
  }

  @Test func oneTRESLeavesOutWhatDidNotChangeOfIt() throws {
    try withHistory { service in
      let request = QuotaHistoryRequest(project: try ProjectName("gen"), tres: .gpu)
      let items = try service.call("quota.history", request, as: Page<AuditEntry>.self).items
      #expect(items.map(\.to) == ["3", "1", "4"])
      let cpu = QuotaHistoryRequest(project: try ProjectName("gen"), tres: .cpu)
      let moves = try service.call("quota.history", cpu, as: Page<AuditEntry>.self).items
      #expect(
        moves.map { "\($0.from ?? "") to \($0.to ?? "")" } == [
          "4 to 8", "8 to 12", " to 4", " to 4", " to 8",
        ])
    }
  }

  @Test func aTimeThatEndsBeforeItBeginsIsRefused() throws {
    try withHistory { service in
      let request = AuditRequest(since: Timestamp(seconds: 5), until: Timestamp(seconds: 4))
      let failure = #expect(throws: Failure.self) {
        try service.call("audit.list", request, as: Page<AuditEntry>.self)
      }
      #expect(failure?.code == .badParameters)
      #expect(failure?.message == "until: 1970-01-01T00:00:04Z is before since, 1970-01-01T00:00:05Z")
    }
  }
}
