package import Model

/// How long an account's running jobs hold what they hold, as two sums: so that a budget can be told at any later moment
/// what they may still cost. All times count from the earliest start among them.
package struct RunningTime: Codable, Hashable, Sendable {
  /// The earliest start.
  package var base: Timestamp
  /// Of each job, what it holds times the hours from `base` to its start, in TRES-hours.
  package var started: TRESAmounts
  /// The same to the end of its time limit. A job without one ends `longest` after its start.
  package var ending: TRESAmounts

  /// In seconds, of a job without a time limit.
  package static let longest: Int64 = 365 * 86_400

  package init(base: Timestamp, started: TRESAmounts, ending: TRESAmounts) {
    self.base = base
    self.started = started
    self.ending = ending
  }
}
