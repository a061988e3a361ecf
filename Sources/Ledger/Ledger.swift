package import Model

/// What must survive: the events in their order, the records they add up to, the effects that are under way,
/// and the audit. It keeps texts and never looks into them.
package protocol Ledger: AnyObject, Sendable {
  /// Begins a new term, durably, and gives all that a start needs. Called once.
  func start(at now: Timestamp) throws(LedgerError) -> LedgerContents

  /// Makes a batch durable, all of it or nothing. When this throws, nothing may be acknowledged any more. Returns those of
  /// its charges that were not there yet.
  @discardableResult
  func commit(_ batch: LedgerBatch) throws(LedgerError) -> [ChargeRecord]

  /// The audit, newest first: entries older than `before`.
  func audit(_ filter: AuditFilter, before: Int64?, limit: Int) throws(LedgerError) -> [AuditRecord]

  /// Shows the charges that are wanted, those of one kind together. From any thread: it holds up no commit.
  func charges(_ filter: ChargeFilter, _ visit: (ChargeSpan) -> Void) throws(LedgerError)

  /// Credits and debits of budgets since then, in seconds since the epoch, in the order in which they were made.
  func budgetEntries(since: Int64) throws(LedgerError) -> [BudgetEntryRecord]

  /// Writes a copy, as of one moment, into a new file that nobody else may read, and gives its size in bytes.
  /// From any thread: it holds up no commit.
  func backup(to path: String) throws(BackupError) -> Int64

  /// Shows all that is kept, as of one moment: the mark, then terms, records, events, effects, audit, charges,
  /// their cursors, and what budgets were credited, each in its order. Returns what is wrong with the file itself; then not all may have been shown. From any thread.
  func inspect(_ visit: (LedgerEntry) -> Void) throws(LedgerError) -> [String]

  /// Lets the file go, with all in it. Nothing may be asked any more.
  func close()

  /// What its disk has left, in bytes; nil when it isn't on one, or the disk doesn't tell.
  var bytesLeft: Int64? { get }
}

extension Ledger {
  package var bytesLeft: Int64? { nil }
}

package struct LedgerContents: Hashable, Sendable {
  package var term: Int64
  package var records: [LedgerRecord]
  /// Effects of earlier terms without an outcome.
  package var openEffects: [LedgerEffect]
  /// The highest write to each cluster that this ledger knows.
  package var lastWrites: [String: WriteNumber]
  /// How far each cluster's charges were asked for.
  package var chargeCursors: [String: String]
  /// The clusters may have seen more than is here, and no batch has told yet that this is dealt with.
  package var isRecovering: Bool
}

/// The present state of one thing, such as `project/genomics`. Without a payload it is deleted.
package struct LedgerRecord: Hashable, Sendable {
  package var key: String
  package var payload: String?

  package init(key: String, payload: String?) {
    self.key = key
    self.payload = payload
  }
}

/// Something to be done in a cluster; the number is unique in it.
package struct LedgerEffect: Hashable, Sendable {
  package var cluster: String
  package var number: WriteNumber
  package var payload: String

  package init(cluster: String, number: WriteNumber, payload: String) {
    self.cluster = cluster
    self.number = number
    self.payload = payload
  }
}

package struct EffectOutcome: Hashable, Sendable {
  package var cluster: String
  package var number: WriteNumber
  package var outcome: String

  package init(cluster: String, number: WriteNumber, outcome: String) {
    self.cluster = cluster
    self.number = number
    self.outcome = outcome
  }
}

package struct AuditRecord: Hashable, Sendable {
  /// Given by the ledger.
  package var id: Int64
  package var at: Timestamp
  package var who: String
  package var action: String
  package var project: String?
  package var cluster: String?
  package var from: String?
  package var to: String?
  package var reason: String?

  package init(
    id: Int64 = 0, at: Timestamp, who: String, action: String, project: String? = nil, cluster: String? = nil,
    from: String? = nil, to: String? = nil, reason: String? = nil
  ) {
    self.id = id
    self.at = at
    self.who = who
    self.action = action
    self.project = project
    self.cluster = cluster
    self.from = from
    self.to = to
    self.reason = reason
  }
}

/// Which entries of the audit are wanted: those for which all that is said is true.
package struct AuditFilter: Hashable, Sendable {
  package var project: String?
  package var cluster: String?
  /// Also those of the project that concern no cluster of their own, such as its caps.
  package var includesWholeProject = false
  /// Only these actions; empty for any.
  package var actions: [String] = []
  package var since: Timestamp?
  package var until: Timestamp?

  package init(project: String? = nil, cluster: String? = nil) {
    self.project = project
    self.cluster = cluster
  }
}

/// One transaction.
package struct LedgerBatch: Hashable, Sendable {
  package var at: Timestamp
  package var events: [String] = []
  package var records: [LedgerRecord] = []
  package var effects: [LedgerEffect] = []
  package var outcomes: [EffectOutcome] = []
  package var audit: [AuditRecord] = []
  /// Those that are there already are left as they are.
  package var charges: [ChargeRecord] = []
  package var chargeCursors: [ChargeCursorRecord] = []
  package var budgetEntries: [BudgetEntryRecord] = []
  /// What follows from the clusters having seen more than this ledger is in this batch.
  package var endsRecovery = false

  package init(at: Timestamp) { self.at = at }

  package var isEmpty: Bool {
    events.isEmpty && records.isEmpty && effects.isEmpty && outcomes.isEmpty && audit.isEmpty
      && charges.isEmpty
      && chargeCursors.isEmpty && budgetEntries.isEmpty && !endsRecovery
  }
}

package enum LedgerError: Error, CustomStringConvertible {
  case cannotOpen(path: String, String)
  case inUse(path: String)
  /// Made by a later release.
  case tooNew(path: String)
  /// Its disk has no room.
  case full(path: String)
  case failed(String)
  /// A backup, and nobody said that it is to be recovered from.
  case isBackup(path: String)

  package var description: String {
    switch self {
    case .cannotOpen(let path, let cause): "the ledger \(path) can't be opened: \(cause)"
    case .inUse(let path): "the ledger \(path) is in use by another sluiced"
    case .tooNew(let path): "the ledger \(path) was made by a later release of sluiced: use that one"
    case .isBackup(let path):
      "the ledger \(path) is a backup, older than what the clusters have seen: start it once with "
        + "'sluiced --recover', so that nothing grows before each cluster was read"
    case .full(let path): "the ledger \(path) can't be written, for its disk is full: make room there"
    case .failed(let cause): "the ledger can't be read or written: \(cause)"
    }
  }
}
