import Foundation
import Ledger
import Model
import Testing
import Wire

@testable import Coordinator

@Suite struct AdminTests {
  private func set(_ name: String, cpu: Int64 = 8, in service: Service) throws {
    _ = try service.call(
      "project.set", ProjectSet(project: try Service.project(name, cpu: cpu)), as: PlanStep.self)
  }

  private func projects(of service: Service) throws -> [String] {
    try service.call("project.list", PageRequest(), as: Page<Project>.self).items.map(\.name.text)
  }

  private func audit(of service: Service) throws -> [AuditEntry] {
    try service.call("audit.list", AuditRequest(), as: Page<AuditEntry>.self).items
  }

  private func backup(to path: String, in service: Service) throws -> BackupResult {
    try service.call("admin.backup", BackupRequest(path: path, reason: "weekly"), as: BackupResult.self)
  }

  @Test func aBackupIsMadeCheckedAndAudited() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    try set("p1", in: service)
    let path = "\(service.folder)/copy"
    let result = try backup(to: path, in: service)
    #expect(result.path == path && result.bytes > 0)
    let entry = try #require(try audit(of: service).first)
    #expect(
      entry.action == "admin.backup" && entry.to == path && entry.reason == "weekly" && entry.who == "root")

    let again = #expect(throws: Failure.self) { try backup(to: path, in: service) }
    #expect(again?.code == .conflict && again?.message.contains("\(path) is there already") == true)
    let nowhere = #expect(throws: Failure.self) { try backup(to: "/nowhere/copy", in: service) }
    #expect(nowhere?.code == .unavailable && nowhere?.message.contains("No such file or directory") == true)
    #expect(
      try audit(of: service).filter { $0.action == "admin.backup" }.count == 1, "what failed did nothing")

    let report = try LedgerCheck.report { visit throws(LedgerError) in
      try SQLiteLedger.inspect(fileAt: path, visit)
    }
    #expect(report.findings == [])
    #expect(report.notes.contains { $0.contains("this is a backup") })
    #expect(
      report.notes.first == "projects: 1, starts: 1, events: 1, writes: 0, audit entries: 1, charges: 0")
  }

  @Test func oneBackupOrCheckAtATimeAndNothingWaitsForIt() throws {
    let gate = Gate()
    let service = try Service { GatedLedger($0, gate) }
    defer { service.remove() }
    defer { service.end() }
    let path = "\(service.folder)/copy"
    let hasAnswered = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      _ = try? self.backup(to: path, in: service)
      hasAnswered.signal()
    }
    gate.waitUntilReached()
    let failure = #expect(throws: Failure.self) {
      try service.call("admin.check", Empty(), as: LedgerReport.self)
    }
    #expect(failure?.code == .overloaded)
    try set("p1", in: service)
    #expect(!FileManager.default.fileExists(atPath: path))
    gate.open()
    #expect(hasAnswered.wait(timeout: .now() + 20) == .success)
    #expect(FileManager.default.fileExists(atPath: path))
    #expect(try service.call("admin.check", Empty(), as: LedgerReport.self).findings == [])
  }

  @Test func aLedgerIsSoundOverChangesAndRestarts() throws {
    let first = try Service()
    defer { first.remove() }
    for number in 0..<10 { try set("p\(number)", in: first) }
    try set("p3", cpu: 16, in: first)
    _ = try first.call("project.delete", ProjectRequest(project: try ProjectName("p5")), as: Empty.self)
    first.end()
    let second = try Service(keeping: first.folder)
    defer { second.end() }
    let cluster = ClusterRequest(cluster: try ClusterName("beta"))
    _ = try second.call("cluster.drain", cluster, as: ClusterStatus.self)
    try set("p5", in: second)
    try set("p3", cpu: 4, in: second)
    let report = try second.call("admin.check", Empty(), as: LedgerReport.self)
    #expect(report.findings == [])
    #expect(report.notes.contains("projects of which not every cluster was read yet: 10"))
  }

  @Test func aRestoredBackupIsRecoveredOnceAndSaysSo() throws {
    let first = try Service()
    defer { first.remove() }
    try set("kept", in: first)
    _ = try backup(to: "\(first.folder)/copy", in: first)
    try set("lost", in: first)
    first.end()
    let files = FileManager.default
    try files.removeItem(atPath: "\(first.folder)/ledger.sqlite")
    try files.moveItem(atPath: "\(first.folder)/copy", toPath: "\(first.folder)/ledger.sqlite")
    do {
      let second = try Service(keeping: first.folder, recovering: true)
      defer { second.end() }
      #expect(try projects(of: second) == ["kept"])
      let entry = try #require(try audit(of: second).first { $0.action == "recover" })
      #expect(entry.reason == "sluiced was started with --recover")
      #expect(entry.to == "to be read before anything grows: alpha")
      let problem = try #require(
        try second.call("status.get", Empty(), as: ServiceStatus.self).problems.first)
      #expect(problem.subject == "recovery" && problem.message.hasSuffix("still to be read: alpha"))
    }
    let third = try Service(keeping: first.folder)
    defer { third.end() }
    #expect(
      try audit(of: third).filter { $0.action == "recover" }.count == 1, "only the first start recovered")
    let problems = try third.call("status.get", Empty(), as: ServiceStatus.self).problems
    #expect(problems.first?.subject == "recovery", "and what it found out is still to be read")
    #expect(try third.call("admin.check", Empty(), as: LedgerReport.self).findings == [])
  }

  /// Terms rise by one a start: the lost part of the ledger can have had the next ones.
  @Test func aRecoverysTermOutlivesItBeforeAnythingIsWritten() throws {
    let first = try Service()
    defer { first.remove() }
    try set("kept", in: first)
    first.end()
    let now = Int64(Date.now.timeIntervalSince1970)
    let second = try Service(keeping: first.folder, recovering: true)
    second.end()
    let ledger = try SQLiteLedger(path: "\(first.folder)/ledger.sqlite", recovering: false)
    defer { ledger.close() }
    let contents = try ledger.start(at: Timestamp(seconds: now))
    #expect(contents.term > now)
    #expect(contents.lastWrites.keys.sorted() == ["alpha", "beta"])
    #expect(contents.openEffects.isEmpty)
  }
}

/// Where a thread is kept until it may go on.
private final class Gate: Sendable {
  private let reached = DispatchSemaphore(value: 0)
  private let opened = DispatchSemaphore(value: 0)

  func pass() {
    reached.signal()
    opened.wait()
  }
  func waitUntilReached() { reached.wait() }
  func open() { opened.signal() }
}

/// A ledger whose backups take as long as the test likes.
private final class GatedLedger: Ledger {
  private let ledger: SQLiteLedger
  private let gate: Gate

  init(_ ledger: SQLiteLedger, _ gate: Gate) {
    self.ledger = ledger
    self.gate = gate
  }

  func start(at now: Timestamp) throws(LedgerError) -> LedgerContents { try ledger.start(at: now) }
  @discardableResult
  func commit(_ batch: LedgerBatch) throws(LedgerError) -> [ChargeRecord] { try ledger.commit(batch) }
  func budgetEntries(since: Int64) throws(LedgerError) -> [BudgetEntryRecord] {
    try ledger.budgetEntries(since: since)
  }
  func audit(_ filter: AuditFilter, before: Int64?, limit: Int) throws(LedgerError) -> [AuditRecord] {
    try ledger.audit(filter, before: before, limit: limit)
  }
  func charges(_ filter: ChargeFilter, _ visit: (ChargeSpan) -> Void) throws(LedgerError) {
    try ledger.charges(filter, visit)
  }
  func backup(to path: String) throws(BackupError) -> Int64 {
    gate.pass()
    return try ledger.backup(to: path)
  }
  func inspect(_ visit: (LedgerEntry) -> Void) throws(LedgerError) -> [String] { try ledger.inspect(visit) }
  func close() { ledger.close() }
}
