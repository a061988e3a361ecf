import Foundation
import Ledger
import Model

/// A ledger in a folder of its own.
final class Place {
  let folder: String
  var ledger: String { "\(folder)/ledger.sqlite" }

  init() throws {
    folder = "/tmp/sluice-test-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var files: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

  /// A batch with a record, an event, an effect and an audit entry, all of them telling `number`.
  static func batch(_ number: Int64, at now: Timestamp = Timestamp(seconds: 1_000)) -> LedgerBatch {
    var batch = LedgerBatch(at: now)
    batch.records = [
      LedgerRecord(key: "project/a", payload: "\(number)"),
      LedgerRecord(key: "project/b", payload: "\(number)"),
    ]
    batch.events = ["\(number)"]
    batch.effects = [
      LedgerEffect(cluster: "alpha", number: WriteNumber(term: 1, sequence: number), payload: "\(number)")
    ]
    batch.audit = [AuditRecord(at: now, who: "root", action: "test", to: "\(number)")]
    return batch
  }

  static func entries(of path: String) throws -> (entries: [LedgerEntry], faults: [String]) {
    var entries: [LedgerEntry] = []
    let faults = try SQLiteLedger.inspect(fileAt: path) { entries.append($0) }
    return (entries, faults)
  }
}
