import Foundation
import Glibc
import Ledger
import Model
import Synchronization
import Testing

@Suite struct BackupTests {
  private let now = Timestamp(seconds: 1_000)

  private func number(_ entries: [LedgerEntry], _ pick: (LedgerEntry) -> Int64?) -> [Int64] {
    entries.compactMap(pick)
  }

  /// Each batch changes every table: a copy of half of one would show.
  @Test func aBackupWhileOthersCommitIsOfOneMoment() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    try ledger.commit(Place.batch(1))
    let isDone = Atomic(false)
    let committed = Atomic<Int64>(1)
    Thread.detachNewThread {
      var next: Int64 = 2
      while !isDone.load(ordering: .acquiring), (try? ledger.commit(Place.batch(next))) != nil {
        committed.store(next, ordering: .releasing)
        next += 1
      }
      isDone.store(true, ordering: .releasing)
    }
    defer { isDone.store(true, ordering: .releasing) }
    for round in 0..<10 {
      let acknowledged = committed.load(ordering: .acquiring)
      while committed.load(ordering: .acquiring) == acknowledged {
        let hasFailed = isDone.load(ordering: .acquiring)
        try #require(!hasFailed, "a commit failed")
        usleep(100)
      }
      let copy = "\(place.folder)/copy-\(round)"
      let bytes = try ledger.backup(to: copy)
      let (entries, faults) = try Place.entries(of: copy)
      #expect(faults == [])
      #expect(bytes == Int64(try FileManager.default.attributesOfItem(atPath: copy)[.size] as? Int ?? 0))
      let events = number(entries) { if case .event(let id, _, _) = $0 { id } else { nil } }
      let last = try #require(events.last)
      #expect(last >= acknowledged, "what was acknowledged before is in it")
      #expect(events == Array(1...last))
      #expect(
        number(entries) { if case .effect(_, _, let number) = $0 { number.sequence } else { nil } } == events)
      #expect(number(entries) { if case .audit(let id) = $0 { id } else { nil } } == events)
      let records = entries.compactMap { if case .record(let record) = $0 { record.payload } else { nil } }
      #expect(records == ["\(last)", "\(last)"])
    }
  }

  @Test func aBackupIsOneFileForItsOwnerAlone() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    let copy = "\(place.folder)/copy"
    _ = try ledger.backup(to: copy)
    #expect(place.files.filter { $0.hasPrefix("copy") } == ["copy"])
    let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test func aBackupThatCannotBeIsRefusedInWords() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    try ledger.commit(Place.batch(1))
    func failure(_ path: String) -> BackupError? {
      #expect(throws: BackupError.self) { try ledger.backup(to: path) }
    }
    #expect(failure("copy") == .notAbsolute(path: "copy"))
    #expect(failure(place.ledger) == .exists(path: place.ledger))
    try FileManager.default.createSymbolicLink(
      atPath: "\(place.folder)/link", withDestinationPath: "/nowhere/else")
    #expect(failure("\(place.folder)/link") == .exists(path: "\(place.folder)/link"))
    #expect(
      failure("/nowhere/copy")?.description.contains("/nowhere/copy can't be written: No such file") == true)
    #expect(failure("/proc/copy") != nil)
    #expect(
      place.files == ["ledger.sqlite", "ledger.sqlite-shm", "ledger.sqlite-wal", "link"], "no rest is left")
    #expect(try ledger.start(at: now).records.count == 2, "and the ledger goes on")
  }

  @Test func aBackupForWhichThereIsNoRoomIsNotBegun() throws {
    let place = try Place()
    let small = "\(place.folder)/small"
    try FileManager.default.createDirectory(atPath: small, withIntermediateDirectories: true)
    guard unsafe mount("none", small, "tmpfs", 0, "size=1m") == 0 else {
      withKnownIssue("needs root, for a small disk") { Issue.record("mount: errno \(errno)") }
      return
    }
    defer { _ = unsafe umount(small) }
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    let error = #expect(throws: BackupError.self) { try ledger.backup(to: "\(small)/copy") }
    #expect(error?.description.contains("there is no room for \(small)/copy: it takes 16 MiB") == true)
    #expect(try FileManager.default.contentsOfDirectory(atPath: small) == [])
  }

  @Test func theRestOfABackupThatWasCutOffIsReplaced() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    let copy = "\(place.folder)/copy"
    try Data("half".utf8).write(to: URL(filePath: copy + ".part"))
    _ = try ledger.backup(to: copy)
    #expect(try Place.entries(of: copy).faults == [])
    #expect(!place.files.contains("copy.part"))
  }
}
