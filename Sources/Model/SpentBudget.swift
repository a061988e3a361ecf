/// That a project has spent its budget of one TRES: for decisions, and for the sentence that people are told.
package struct SpentBudget: Codable, Hashable, Sendable {
  package var tres: TRES
  /// In TRES-hours, with what was carried over and credited, less what was debited.
  package var budget: Amount
  package var charged: Amount
  /// For what runs.
  package var held: Amount
  /// Such as `2026 Q4`.
  package var period: String
  /// False where the budget is from one day to another, and today is none of them.
  package var isCurrent: Bool
  /// The day on which the next period begins, such as `2027-01-01`; nil when there is none.
  package var renews: String?

  package init(
    tres: TRES, budget: Amount, charged: Amount, held: Amount, period: String, isCurrent: Bool,
    renews: String?
  ) {
    self.tres = tres
    self.budget = budget
    self.charged = charged
    self.held = held
    self.period = period
    self.isCurrent = isCurrent
    self.renews = renews
  }

  package func sentence(of project: ProjectName) -> String {
    let renewal = renews.map { "; it begins \(isCurrent ? "anew on" : "on") \($0)" } ?? ""
    guard isCurrent else {
      return "project \(project) has no budget of \(tres)-hours now: it is for \(period)\(renewal)"
    }
    let holds = held > .zero ? ", \(held.text(of: tres)) held for what runs" : ""
    return
      "project \(project) has spent its budget of \(budget.text(of: tres)) \(tres)-hours for \(period): "
      + "\(charged.text(of: tres)) used\(holds), 0 left\(renewal)"
  }
}
