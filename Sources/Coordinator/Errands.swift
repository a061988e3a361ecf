internal import Ledger
internal import Model
internal import RPC
internal import Threads
internal import Wire

/// What a thread of its own looks after.
enum Errand: Sendable {
  case ledgerCare
  case report

  /// So many at once.
  fileprivate var most: Int {
    switch self {
    case .ledgerCare: 1
    case .report: 4
    }
  }

  fileprivate var refusal: String {
    switch self {
    case .ledgerCare: "a backup or check of the ledger is under way: try again when it has ended"
    case .report: "\(most) reports are being made: try again in a moment"
    }
  }
}

/// How a call ended that a thread of its own looked after.
struct ErrandEnd: Sendable {
  let errand: Errand
  let audit: AuditRecord?
  /// After what changed is durable.
  let answer: @Sendable () -> Void
}

// What takes long and reads the ledger alone is done beside the writer, a few at a time, so that no decision waits.
extension Writer {
  mutating func send<Result: Encodable & Sendable>(
    _ call: RPCCall, on errand: Errand,
    _ work: @escaping @Sendable (any Ledger) throws(Failure) -> (Result, AuditRecord?)
  ) throws(Failure) {
    guard errands[errand, default: 0] < errand.most else { throw Failure(.overloaded, errand.refusal) }
    errands[errand, default: 0] += 1
    startThread { [ledger, inbox] in
      var end: ErrandEnd
      do throws(Failure) {
        let (result, audit) = try work(ledger)
        end = ErrandEnd(errand: errand, audit: audit) { call.reply(result) }
      } catch {
        end = ErrandEnd(errand: errand, audit: nil) { call.fail(error) }
      }
      inbox.put(.errandEnded(end))
    }
  }

  mutating func finish(_ end: ErrandEnd) {
    errands[end.errand, default: 1] -= 1
    if var audit = end.audit {
      audit.at = round.at
      round.batch.audit.append(audit)
    }
    round.answers.append(end.answer)
  }

  /// - Returns: What to do on a thread of its own.
  func backup(
    _ request: BackupRequest, by caller: Caller
  ) throws(Failure) -> @Sendable (any Ledger) throws(Failure) -> (BackupResult, AuditRecord?) {
    try check(reason: request.reason)
    let audit = AuditRecord(
      at: round.at, who: caller.name, action: "admin.backup", to: request.path, reason: request.reason)
    return { ledger throws(Failure) in
      do throws(BackupError) {
        return (BackupResult(path: request.path, bytes: try ledger.backup(to: request.path)), audit)
      } catch {
        throw Failure(error)
      }
    }
  }

  func checkLedger() -> @Sendable (any Ledger) throws(Failure) -> (LedgerReport, AuditRecord?) {
    { ledger throws(Failure) in
      do throws(LedgerError) {
        return (try LedgerCheck.report(ledger.inspect), nil)
      } catch {
        throw Failure(.faulty, error.description)
      }
    }
  }
}

extension Failure {
  fileprivate init(_ error: BackupError) {
    let code: FailureCode =
      switch error {
      case .notAbsolute: .badParameters
      case .exists: .conflict
      case .noRoom, .failed: .unavailable
      }
    self.init(code, "path: \(error.description)")
  }
}
