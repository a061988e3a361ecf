internal import Ledger
internal import Model
internal import RPC
internal import Threads
internal import Wire

/// How a call ended that a thread of its own looked after.
struct ErrandEnd: Sendable {
  let audit: AuditRecord?
  /// After what changed is durable.
  let answer: @Sendable () -> Void
}

// What takes long and reads the ledger alone is done beside the writer, one at a time, so that no decision waits.
extension Writer {
  mutating func send<Result: Encodable & Sendable>(
    _ call: RPCCall, _ errand: @escaping @Sendable (any Ledger) throws(Failure) -> (Result, AuditRecord?)
  ) throws(Failure) {
    guard !isOnErrand else {
      throw Failure(.overloaded, "a backup or check of the ledger is under way: try again when it has ended")
    }
    isOnErrand = true
    startThread { [ledger, inbox] in
      var end: ErrandEnd
      do throws(Failure) {
        let (result, audit) = try errand(ledger)
        end = ErrandEnd(audit: audit) { call.reply(result) }
      } catch {
        end = ErrandEnd(audit: nil) { call.fail(error) }
      }
      inbox.put(.errandEnded(end))
    }
  }

  mutating func finish(_ end: ErrandEnd) {
    isOnErrand = false
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
