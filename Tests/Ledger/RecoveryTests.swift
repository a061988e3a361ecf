import Foundation
import Ledger
import Model
import Testing

/// A ledger that may be older than what the clusters have seen.
@Suite struct RecoveryTests {
  private let now = Timestamp(seconds: 1_000)

  private func copy(_ from: String, to: String) throws {
    try Data(contentsOf: URL(filePath: from)).write(to: URL(filePath: to))
  }

  @Test func aBackupStartsOnlyToBeRecoveredFrom() throws {
    let place = try Place()
    let backup = "\(place.folder)/copy"
    do {
      let ledger = try SQLiteLedger(path: place.ledger)
      _ = try ledger.start(at: now)
      try ledger.commit(Place.batch(1))
      _ = try ledger.backup(to: backup)
    }
    let error = #expect(throws: LedgerError.self) { try SQLiteLedger(path: backup) }
    #expect(error?.description.contains("start it once with 'sluiced --recover'") == true)
    #expect(try Place.entries(of: backup).entries.first == .mark(.backup), "the refusal changed nothing")

    // Started, and dead before anything followed from it: the next start goes on, with or without the flag.
    #expect(try SQLiteLedger(path: backup, recovering: true).start(at: now).isRecovering)
    #expect(try Place.entries(of: backup).entries.first == .mark(.recovering))
    do {
      let ledger = try SQLiteLedger(path: backup)
      #expect(try ledger.start(at: now).isRecovering)
      var batch = Place.batch(2)
      batch.endsRecovery = true
      try ledger.commit(batch)
    }
    #expect(try Place.entries(of: backup).entries.first == .mark(.ledger))
    #expect(try SQLiteLedger(path: backup).start(at: now).isRecovering == false)
  }

  /// Copied over a ledger whose sluiced was killed: its `-wal` must not be read into the backup.
  @Test func theLogOfTheReplacedLedgerIsNotReadIntoABackup() throws {
    let place = try Place()
    let backup = "\(place.folder)/copy"
    let log = "\(place.ledger)-wal"
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    try ledger.commit(Place.batch(1))
    _ = try ledger.backup(to: backup)
    for number in 2...20 { try ledger.commit(Place.batch(Int64(number))) }
    let restored = "\(place.folder)/restored.sqlite"
    try copy(log, to: restored + "-wal")
    try copy(backup, to: restored)
    try Data("of a start that was killed".utf8).write(to: URL(filePath: restored + "-journal"))
    #expect(
      try Place.entries(of: restored).faults.first?.contains("of the ledger that was there before") == true)
    do {
      let recovered = try SQLiteLedger(path: restored, recovering: true)
      #expect(try recovered.start(at: now).records.map(\.payload) == ["1", "1"])
      #expect(!place.files.contains("restored.sqlite-journal"))
    }
    #expect(try Place.entries(of: restored).faults == [])
    withExtendedLifetime(ledger) {}
  }

  @Test func recoveringAnOrdinaryLedgerLosesNothing() throws {
    let place = try Place()
    do {
      let ledger = try SQLiteLedger(path: place.ledger)
      _ = try ledger.start(at: now)
      try ledger.commit(Place.batch(1))
    }
    let contents = try SQLiteLedger(path: place.ledger, recovering: true).start(at: now)
    #expect(contents.isRecovering)
    #expect(contents.records.map(\.payload) == ["1", "1"])
    #expect(contents.term == 2)
  }

  @Test func theLastWriteToEachClusterIsKnownForEver() throws {
    let place = try Place()
    do {
      let ledger = try SQLiteLedger(path: place.ledger)
      _ = try ledger.start(at: now)
      #expect(try ledger.start(at: now).lastWrites == [:])
      var batch = LedgerBatch(at: now)
      for (cluster, term, sequence) in [("alpha", 1, 9), ("beta", 1, 4), ("alpha", 7, 2), ("alpha", 7, 3)] {
        let number = WriteNumber(term: Int64(term), sequence: Int64(sequence))
        batch.effects.append(LedgerEffect(cluster: cluster, number: number, payload: "w"))
      }
      batch.outcomes = [
        EffectOutcome(cluster: "beta", number: WriteNumber(term: 1, sequence: 4), outcome: "taken")
      ]
      try ledger.commit(batch)
      // More than are kept.
      for round in 0..<11 {
        var batch = LedgerBatch(at: now)
        for number in 0..<10_000 {
          let number = WriteNumber(term: 8, sequence: Int64(round * 10_000 + number))
          batch.effects.append(LedgerEffect(cluster: "gamma", number: number, payload: ""))
          batch.outcomes.append(EffectOutcome(cluster: "gamma", number: number, outcome: "taken"))
        }
        try ledger.commit(batch)
      }
    }
    for _ in 0..<2 {
      let contents = try SQLiteLedger(path: place.ledger).start(at: now)
      #expect(contents.lastWrites["alpha"] == WriteNumber(term: 7, sequence: 3))
      #expect(contents.lastWrites["beta"] == WriteNumber(term: 1, sequence: 4))
      #expect(contents.lastWrites["gamma"] == WriteNumber(term: 8, sequence: 109_999))
      #expect(contents.term > 8, "a term above all that was written")
    }
  }

  @Test func aFlippedByteIsFound() throws {
    let place = try Place()
    do {
      let ledger = try SQLiteLedger(path: place.ledger)
      _ = try ledger.start(at: now)
      for number in 1...200 { try ledger.commit(Place.batch(Int64(number))) }
      ledger.close()
    }
    #expect(try Place.entries(of: place.ledger).faults == [])
    var bytes = try Data(contentsOf: URL(filePath: place.ledger))
    // How many entries the fourth page has.
    bytes[4096 * 3 + 3] ^= 0x40
    try bytes.write(to: URL(filePath: place.ledger))
    #expect(try Place.entries(of: place.ledger).faults.isEmpty == false)
  }

  @Test func aLedgerInUseIsNotLookedAtFromOutside() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    let error = #expect(throws: LedgerError.self) { try Place.entries(of: place.ledger) }
    guard case .inUse = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    var count = 0
    #expect(try ledger.inspect { _ in count += 1 } == [])
    #expect(count == 2, "the mark and a term")
  }

  @Test func aLedgerThatIsClosedIsOneFile() throws {
    let place = try Place()
    let ledger = try SQLiteLedger(path: place.ledger)
    _ = try ledger.start(at: now)
    try ledger.commit(Place.batch(1))
    ledger.close()
    #expect(place.files == ["ledger.sqlite"])
  }
}
