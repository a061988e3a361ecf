internal import Model
internal import Wire

/// A plan as a difference, or a row for each project.
enum PlanView {
  static let columns: [Column<PlanStep>] = [
    .text("PROJECT") { $0.project.text },
    .text("ACTION") { $0.action.rawValue },
    .text("CHANGES") { $0.changes.map(change).joined(separator: "; ") },
    .text("REFUSALS") { $0.refusals.joined(separator: "; ") },
    .text("WARNINGS") { $0.warnings.joined(separator: "; ") },
  ]

  /// `isDone` tells whether it was applied, where nothing forbade it.
  static func lines(_ plan: Plan, isDone: Bool, _ style: Style) -> [String] {
    guard style.isForPeople else { return Table.lines(plan.steps, columns, style) }
    let steps = plan.steps.filter { $0.action != .keep || !$0.refusals.isEmpty || !$0.warnings.isEmpty }
    return steps.flatMap { lines($0, style) } + [summary(plan, isDone: isDone && plan.isApplicable)]
  }

  private static func lines(_ step: PlanStep, _ style: Style) -> [String] {
    let (mark, tone): (String, Tone) =
      switch step.action {
      case .create: ("+", .good)
      case .change: ("~", .busy)
      case .keep: ("=", .plain)
      }
    return [style.painted("\(mark) \(step.project)", tone)]
      + step.changes.map { "    \(Words.visible(change($0)))" }
      + step.refusals.map { style.painted("    refused: \(Words.visible($0))", .bad) }
      + step.warnings.map { style.painted("    warning: \(Words.visible($0))", .busy) }
  }

  private static func change(_ change: FieldChange) -> String {
    switch (change.from, change.to) {
    case (let from?, let to?): "~ \(change.field): \(from) -> \(to)"
    case (nil, let to?): "+ \(change.field): \(to)"
    case (let from?, nil): "- \(change.field): \(from)"
    case (nil, nil): "  \(change.field)"
    }
  }

  private static func summary(_ plan: Plan, isDone: Bool) -> String {
    func count(_ action: PlanStep.Action) -> Int { plan.steps.count { $0.action == action } }
    let (created, changed, kept) = (count(.create), count(.change), count(.keep))
    let counts =
      "\(created) \(isDone ? "created" : "to create"), \(changed) \(isDone ? "changed" : "to change")"
    let refused = plan.steps.count { !$0.refusals.isEmpty }
    let end =
      switch (refused, isDone) {
      case (0, true): "Done: "
      case (0, false): "Plan: "
      default: "Refused, nothing was changed: "
      }
    return "\(end)\(counts), \(kept) unchanged" + (refused > 0 ? "; \(refused) refused." : ".")
  }
}
