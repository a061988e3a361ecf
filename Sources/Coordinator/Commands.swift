internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

// What changes something. Each is in the audit, with who, from what to what, and why.
extension Writer {
  private static let longestReason = 500

  mutating func set(_ request: ProjectSet, by caller: Caller) throws(Failure) -> PlanStep {
    try check(reason: request.reason)
    try request.project.checkNames()
    let step = PlanStep(
      setting: request.project, acceptsUnenforced: request.acceptUnenforced ?? false, in: state,
      prospects: prospects)
    if let refusal = step.refusals.first { throw refused(request.project, step, refusal, in: state) }
    set(request.project, step, accepts: request.acceptUnenforced, reason: request.reason, by: caller)
    return step
  }

  /// The code tells programs whether accepting would help.
  private func refused(
    _ project: Project, _ step: PlanStep, _ message: String, in state: State
  ) -> Failure {
    let findings = state.findings(for: project, acceptsUnenforced: true)
    let code: FailureCode = findings.refusals.isEmpty ? .unenforced : .conflict
    return Failure(code, "project \(project.name): \(message)", cause: step.refusals.dropFirst().first)
  }

  private mutating func set(
    _ project: Project, _ step: PlanStep, accepts: Bool?, reason: String?, by caller: Caller
  ) {
    guard step.action != .keep || accepts != nil else { return }
    let wasAccepted = state.projects[project.name]?.acceptsUnenforced ?? false
    round.batch.audit.append(
      AuditRecord(
        at: round.at, who: caller.name, action: "project.set", project: project.name.text,
        from: step.audited(\.from), to: step.audited(\.to), reason: reason))
    self.step(.setProject(project, acceptsUnenforced: accepts ?? wasAccepted))
  }

  mutating func delete(_ request: ProjectRequest, by caller: Caller) throws(Failure) -> Empty {
    try check(reason: request.reason)
    let old = try project(request.project, for: caller, method: "project.delete").project
    if let child = state.children(of: request.project).first {
      throw Failure(
        .conflict,
        "project \(request.project): \(child) is below it: delete that, or give it another parent, first")
    }
    if let loan = state.loans(of: request.project).first(where: { $0.borrower == request.project }) {
      throw Failure(
        .conflict,
        "project \(request.project): it has borrowed from \(loan.lender), and its native limits would keep that: set what "
          + "it may borrow to 0 first, and wait until it has given all back")
    }
    round.batch.audit.append(
      AuditRecord(
        at: round.at, who: caller.name, action: "project.delete", project: request.project.text,
        from: old.limits.description, reason: request.reason))
    step(.deleteProject(request.project))
    return Empty()
  }

  mutating func drain(
    _ request: ClusterRequest, _ isDrained: Bool, by caller: Caller
  ) throws(Failure) -> ClusterStatus {
    try check(reason: request.reason)
    _ = try clusterStatus(request.cluster)
    if state.clusters[request.cluster]?.isDrained != isDrained {
      round.batch.audit.append(
        AuditRecord(
          at: round.at, who: caller.name, action: isDrained ? "cluster.drain" : "cluster.resume",
          cluster: request.cluster.text, reason: request.reason))
      step(.drain(request.cluster, isDrained))
    }
    return try clusterStatus(request.cluster)
  }

  func preview(_ request: PlanRequest) throws(Failure) -> Plan { try planned(request).plan }

  /// Each project is looked at as if those above it in the request were set already: the same core says what then is.
  private func planned(_ request: PlanRequest) throws(Failure) -> (plan: Plan, state: State) {
    try check(reason: request.reason)
    try request.check()
    let accepts = request.acceptUnenforced ?? false
    var state = state
    var steps: [Int: PlanStep] = [:]
    for place in request.parentsFirst {
      let project = request.projects[place]
      let step = PlanStep(setting: project, acceptsUnenforced: accepts, in: state, prospects: prospects)
      steps[place] = step
      // Also when it is refused: those below it shall not be refused for its absence.
      if step.action != .keep {
        _ = state.step(.setProject(project, acceptsUnenforced: accepts), at: round.at)
      }
    }
    return (Plan(steps: request.projects.indices.compactMap { steps[$0] }), state)
  }

  /// All or nothing.
  mutating func apply(_ request: PlanRequest, by caller: Caller) throws(Failure) -> Plan {
    let (plan, planned) = try planned(request)
    for (step, project) in zip(plan.steps, request.projects) {
      if let refusal = step.refusals.first { throw refused(project, step, refusal, in: planned) }
    }
    for place in request.parentsFirst {
      set(
        request.projects[place], plan.steps[place], accepts: request.acceptUnenforced, reason: request.reason,
        by: caller)
    }
    return plan
  }

  func check(reason: String?) throws(Failure) {
    guard let reason, reason.utf8.count > Self.longestReason else { return }
    throw Failure(
      .badParameters, "reason: at most \(Self.longestReason) bytes, this has \(reason.utf8.count)")
  }
}
