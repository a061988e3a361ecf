/// What an administrator gave a project's budget, or took from it.
package struct BudgetEntryRecord: Hashable, Sendable {
  /// Seconds since the epoch.
  package var at: Int64
  package var project: String
  package var tres: String
  /// Thousandths of TRES-hours.
  package var milliHours: Int64
  package var isDebit: Bool
  package var who: String
  package var reason: String

  package init(
    at: Int64, project: String, tres: String, milliHours: Int64, isDebit: Bool, who: String, reason: String
  ) {
    self.at = at
    self.project = project
    self.tres = tres
    self.milliHours = milliHours
    self.isDebit = isDebit
    self.who = who
    self.reason = reason
  }
}
