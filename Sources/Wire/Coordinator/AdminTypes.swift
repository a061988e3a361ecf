/// `admin.backup`: a copy of the ledger, written by sluiced on its own host.
package struct BackupRequest: Codable, Hashable, Sendable {
  /// Absolute, and of no file that is there.
  package var path: String
  package var reason: String?

  package init(path: String, reason: String? = nil) {
    self.path = path
    self.reason = reason
  }
}

package struct BackupResult: Codable, Hashable, Sendable {
  package var path: String
  package var bytes: Int64

  package init(path: String, bytes: Int64) {
    self.path = path
    self.bytes = bytes
  }
}

/// `admin.check`, and `sluiced --check`: what is wrong with a ledger, and what it has.
package struct LedgerReport: Codable, Hashable, Sendable {
  /// None when the ledger is sound.
  package var findings: [Problem]
  package var notes: [String]

  package init(findings: [Problem], notes: [String]) {
    self.findings = findings
    self.notes = notes
  }

  /// As people read it, line by line.
  package var lines: [String] {
    let found = findings.flatMap { ["\($0.subject): \($0.message)", "  \($0.advice)"] }
    let end = findings.isEmpty ? "The ledger is sound." : "The ledger is not sound."
    return notes + found + [end]
  }
}
