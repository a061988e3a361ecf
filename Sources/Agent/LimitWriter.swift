internal import Logging
internal import Model
internal import RPC
internal import Synchronization
internal import Transport
internal import Wire

/// Takes limit writes on: one at a time, numbered upwards, each on disk before the cluster learns of it.
final class LimitWriter: Sendable {
  private let backend: any Backend
  private let record: WriteRecord
  private let logger: Logger
  private let queue = WorkQueue("limits.apply", width: 1, most: 8)
  private let doubt: Mutex<Doubt>

  /// How long a write that was cut short by the agent's end may still take effect, in seconds. Each of
  /// slurmdbd's transactions is shorter.
  private static let longestDoubt = 60.0

  private struct Doubt {
    var isOpen: Bool
    let deadline: Deadline
  }

  init(backend: any Backend, record: WriteRecord, logger: Logger) {
    self.backend = backend
    self.record = record
    self.logger = logger
    doubt = Mutex(Doubt(isOpen: record.last?.ended == false, deadline: Deadline(after: Self.longestDoubt)))
  }

  var last: WriteNumber? { record.last?.number }

  /// The view as it may be told: while a write of this agent's forerunner may still take effect, nothing is
  /// settled. After that its number counts as applied, since the limits here were read later.
  func judged(_ view: UsageView, forerunner: WriteRecord.Entry?) -> UsageView {
    var view = view
    if isInDoubt {
      view.settled = false
    } else if let number = forerunner?.number, view.applied.map({ $0 < number }) ?? true {
      view.applied = number
    }
    return view
  }

  private var isInDoubt: Bool {
    doubt.withLock { doubt in
      if doubt.deadline.hasPassed { doubt.isOpen = false }
      return doubt.isOpen
    }
  }

  func apply(_ call: RPCCall) throws(Failure) {
    let write = try call.parameters.decode(LimitWrite.self)
    try check(write)
    try queue.submit { [self] in
      do throws(Failure) {
        call.reply(try perform(write))
      } catch {
        call.fail(error)
      }
    }
  }

  func close() { queue.close(timeout: 10) }

  private func check(_ write: LimitWrite) throws(Failure) {
    guard write.term >= 0 else { throw Failure(.badParameters, "term: can't be negative") }
    guard write.sequence >= 0 else { throw Failure(.badParameters, "sequence: can't be negative") }
    guard write.changes.count <= LimitWrite.mostChanges else {
      throw Failure(.badParameters, "changes: must have at most \(LimitWrite.mostChanges) rows")
    }
    var seen: Set<AccountName> = []
    for (index, change) in write.changes.enumerated() where !seen.insert(change.account).inserted {
      throw Failure(.badParameters, "changes[\(index)].account: '\(change.account.inWords)' is there twice")
    }
    for (index, change) in write.changes.enumerated() {
      if change.account.isOfUser, change.parent != nil || !change.users.isEmpty {
        throw Failure(
          .badParameters,
          "changes[\(index)].user: parent and users are an account's, not a user's association's")
      }
      for name in change.cleared where change.limits[name] != nil {
        throw Failure(.badParameters, "changes[\(index)].cleared: '\(name)' is in limits too")
      }
    }
  }

  private func log(_ row: LimitOutcome, of number: WriteNumber) {
    var metadata: Logger.Metadata = ["write": "\(number)", "account": "\(row.account)"]
    metadata["limits"] = row.limits.map { "\($0)" }
    metadata["reason"] = row.message.map { "\($0)" }
    let isDone = row.outcome == .confirmed || row.outcome == .written
    logger.log(level: isDone ? .info : .warning, "limit \(row.outcome.rawValue)", metadata: metadata)
  }

  private func perform(_ write: LimitWrite) throws(Failure) -> LimitWriteResult {
    let isUnknown = try record.begin(write.number)
    let rows = backend.apply(write, previousOutcomeUnknown: isUnknown)
    for row in rows { log(row, of: write.number) }
    let result = LimitWriteResult(applied: write.number, rows: rows)
    // One without changes has met nothing that the one before may still do: that doubt is to outlive this process, too.
    if isUnknown, write.changes.isEmpty { return result }
    do throws(Failure) {
      try record.end()
    } catch {
      // The number itself is safe; the next write will only be more careful than it needs to be.
      logger.error(
        "could not note the end of a write", metadata: ["write": "\(write.number)", "reason": "\(error)"])
    }
    doubt.withLock { $0.isOpen = false }
    return result
  }
}
