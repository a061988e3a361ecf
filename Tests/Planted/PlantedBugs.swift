/// A wrong decision, to be put into a copy of the sources beside the right one.
struct PlantedBug: Sendable {
  let name: String
  let edits: [Edit]

  /// `find` stands once in the file. In `replacement`, PLANTED is true when this bug is at work.
  struct Edit: Sendable {
    let file: String
    let find: String
    let replacement: String
  }

  private init(_ name: String, _ edits: (file: String, find: String, replacement: String)...) {
    self.name = name
    self.edits = edits.map { Edit(file: $0.file, find: $0.find, replacement: $0.replacement) }
  }

  private static let share = "Quota/ShareEvents.swift"
  private static let moves = "Quota/Moves.swift"
  private static let decide = "Core/Decide.swift"
  private static let loan = "Quota/Loan.swift"
  private static let borrowing = "Core/Borrowing.swift"
  private static let writes = "Core/Writes.swift"
  private static let tree = "Core/Tree.swift"
  private static let users = "Core/UserCaps.swift"

  static let all = [
    PlantedBug(
      "growth before the shrink is confirmed",
      (share, "inForce = inForce.maximum(amounts)", "inForce = PLANTED ? amounts : inForce.maximum(amounts)")),
    PlantedBug(
      "a confirmation kept whatever a reading shows, as over a boot",
      (share, "reading.native(tres)", "PLANTED && isConfirmed ? .zero : reading.native(tres)")),
    PlantedBug(
      "what runs is not counted",
      (share, "reading.sighting.used.used(tres)", "PLANTED ? .zero : reading.sighting.used.used(tres)")),
    PlantedBug(
      "an epoch ignored", (decide, "if new > term", "if !PLANTED && new > term")),
    PlantedBug("a doubled effect", (writes, "state.inFlight == nil", "(PLANTED || state.inFlight == nil)")),
    PlantedBug("a lost release", (share, "return proven ?", "return !PLANTED && proven ?")),
    PlantedBug(
      "a late write that still lands, forgotten",
      (share, "hasEnded && reading.isSettled)", "hasEnded && (PLANTED || reading.isSettled))")),
    PlantedBug(
      "a reading of before the write taken as its proof",
      (share, "$0 >= number } ?? false }", "PLANTED || $0 >= number } ?? PLANTED }")),
    PlantedBug(
      "an unreachable cluster reclaimed",
      (
        moves, "inForce: shares[index].inForce.used(tres)",
        "inForce: PLANTED && !shares[index].isCurrent ? .zero : shares[index].inForce.used(tres)"
      )),
    PlantedBug(
      "growth while the project is over",
      (moves, "guard inForce <= cap else", "guard PLANTED || inForce <= cap else")),
    PlantedBug(
      "growth that was decided and not written, written when the project is over",
      (
        moves, "steps[index] = min(steps[index], part.floor)",
        "if !PLANTED { steps[index] = min(steps[index], part.floor) }"
      )),
    PlantedBug(
      "a write of what was decided before the cluster was read",
      (writes, "state.isAnswering", "(PLANTED ? state.isLinked : state.isAnswering)"),
      (writes, "&& $0.isCurrent ?", "&& (PLANTED || $0.isCurrent) ?")),
    PlantedBug(
      "a cluster never read taken for empty",
      (
        "Quota/ProjectQuota.swift", "share.inForce[tres] = .unbounded",
        "share.inForce[tres] = PLANTED ? Amount.zero : .unbounded"
      )),
    PlantedBug(
      "an older ledger believed",
      (
        share, "for tres in inForce.names {\n      inForce[tres] = .unbounded",
        "for tres in inForce.names {\n      if !PLANTED { inForce[tres] = .unbounded }"
      )),
    PlantedBug(
      "an older ledger written into the clusters",
      (
        share, "allotment.mapped { min($1, reading.native($0)) }",
        "allotment.mapped { PLANTED ? $1 : min($1, reading.native($0)) }"
      )),
    PlantedBug(
      "a loan granted before the lender has shrunk",
      (loan, "= aside - lenderExcess(tres, aside)", "= PLANTED ? aside : aside - lenderExcess(tres, aside)")),
    PlantedBug(
      "a loan given back before the borrower has shrunk",
      (loan, "given + borrowerExcess(tres, given)", "PLANTED ? given : given + borrowerExcess(tres, given)")),
    PlantedBug(
      "more borrowed than may be",
      (
        borrowing, "- cap, quota.project.borrow.used(tres)",
        "- cap, PLANTED ? .unbounded : quota.project.borrow.used(tres)"
      )),
    PlantedBug(
      "more lent than the lender said",
      (
        borrowing, "quota.project.lend.used(tres) - lent",
        "(PLANTED ? cap : quota.project.lend.used(tres)) - lent"
      )),
    PlantedBug(
      "what is lent kept by the borrower when less is to be lent",
      (
        borrowing, "- min(spare, quota.project.lend.used(tres))",
        "- (PLANTED ? spare : min(spare, quota.project.lend.used(tres)))"
      )),
    PlantedBug(
      "a loan kept over a change of parents",
      (
        borrowing, "guard let parent = projects[one]?.project.parent else",
        "if PLANTED { return true }\n    guard let parent = projects[one]?.project.parent else"
      )),
    PlantedBug(
      "what a child uses not counted for its parent",
      (
        "Simulation/SimulatedAgent.swift", "view.count(job.project) { row in",
        "if PLANTED {\n        view.rows[job.project].used &+= job.load\n        continue\n      }\n      view.count(job.project) { row in"
      )),
    PlantedBug(
      "an account created elsewhere than below its parent's",
      (
        tree, "project.parent.flatMap { projects[$0] }?.project.clusters[cluster]?.account",
        "PLANTED ? nil : project.parent.flatMap { projects[$0] }?.project.clusters[cluster]?.account"
      )),
    PlantedBug(
      "an account that lies elsewhere not told of",
      (
        tree, "guard !(path ?? planned).contains(holder) else",
        "guard !PLANTED, !(path ?? planned).contains(holder) else"
      )),
    PlantedBug(
      "a project put where its parent is not",
      (
        tree, "filter { first.project.clusters[$0] == nil }",
        "filter { !PLANTED && first.project.clusters[$0] == nil }"
      )),
    PlantedBug(
      "a project put below itself",
      (tree, "guard !above.contains(where:", "guard PLANTED || !above.contains(where:")),
    PlantedBug(
      "a cap per user that changes, kept as it was by those who have one",
      (
        users, "guard projects[grant.name]?.project != grant else",
        "guard PLANTED ? projects[grant.name] == nil : projects[grant.name]?.project != grant else"
      )),
    PlantedBug(
      "a write of before a user had a cap, forgotten",
      (
        "Core/Apply.swift", "$0.writing = .due(after: last)",
        "$0.writing = .due(after: PLANTED && project.name.isOfUser ? nil : last)"
      )),
    PlantedBug(
      "a member's association made without his limit",
      (
        "Simulation/World.swift", "?.project, granted.perUser.isEmpty else",
        "?.project, PLANTED || granted.perUser.isEmpty else"
      )),
    PlantedBug(
      "a cap per user of one cluster taken for that of all",
      (
        users, "limits: project.perUser, clusters: clusters)",
        "limits: PLANTED ? project.perUser.mapped { $1 + $1 } : project.perUser, clusters: clusters)"
      )),
  ]
}
