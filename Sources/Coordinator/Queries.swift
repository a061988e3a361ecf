internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

// What is asked, and changes nothing.
extension Writer {
  /// The project, if it exists and the caller is a member or may see all. A stranger learns no more than that
  /// it isn't his.
  func project(
    _ name: ProjectName, for caller: Caller, method: String, role: Role = .projectUser
  ) throws(Failure) -> ProjectQuota {
    let quota = state.projects[name]
    try caller.require(role, in: name, of: state, for: method)
    guard let quota else { throw Failure(.notFound, "there is no project '\(name)'") }
    return quota
  }

  func quota(_ request: QuotaRequest, for caller: Caller) throws(Failure) -> QuotaStatus {
    let name = request.project
    _ = try project(name, for: caller, method: "quota.get")
    guard var status = QuotaStatus(name, in: state, budget: budget(of: name)) else {
      throw Failure(.notFound, "there is no project '\(name)'")
    }
    status.users = QuotaUser.all(of: name, in: state)
    if let user = request.user {
      status.users = status.users?.filter { $0.user == user }
      guard !(status.users ?? []).isEmpty else {
        throw Failure(.notFound, "project '\(name)' holds no user '\(user)' to a cap per user")
      }
    }
    return status
  }

  func listProjects(_ request: PageRequest, for caller: Caller) throws(Failure) -> Page<Project> {
    try pageOfProjects(request, for: caller) { $0.project }
  }

  func listQuotas(_ request: PageRequest, for caller: Caller) throws(Failure) -> Page<QuotaStatus> {
    try pageOfProjects(request, for: caller) {
      QuotaStatus($0.project.name, in: state, budget: budget(of: $0.project.name))
    }
  }

  func pageOfProjects<Item>(
    _ request: PageRequest, for caller: Caller, make: (ProjectQuota) -> Item?
  ) throws(Failure) -> Page<Item> {
    let bounds = try PageBounds(limit: request.limit, cursor: request.cursor)
    let start = try bounds.start(in: state.projectNames)
    return bounds.page(of: state.projectNames, startingAt: start) { name in
      guard let quota = state.projects[name], caller.role(in: name, of: state) >= .projectUser else {
        return nil
      }
      return make(quota)
    }
  }

  func listClusters(_ request: PageRequest) throws(Failure) -> Page<ClusterStatus> {
    let bounds = try PageBounds(limit: request.limit, cursor: request.cursor)
    let names = state.clusters.names
    return bounds.page(of: names, startingAt: try bounds.start(in: names)) { try? clusterStatus($0) }
  }

  func clusterStatus(_ name: ClusterName) throws(Failure) -> ClusterStatus {
    guard let cluster = state.clusters[name] else {
      let known = state.clusters.names.map(\.text).joined(separator: ", ")
      throw Failure(.notFound, "there is no cluster '\(name)'; sluiced knows \(known)")
    }
    let notes = notes[name] ?? ClusterNotes(address: "none: no longer in sluiced.yaml")
    return ClusterStatus(name, cluster, notes, at: round.at)
  }

  func status(for caller: Caller) -> ServiceStatus {
    let clusters = state.clusters.names.compactMap { try? clusterStatus($0) }
    var counts = ProjectCounts()
    var found: [Problem] = []
    for name in state.projectNames {
      guard let quota = state.projects[name], caller.role(in: name, of: state) >= .projectUser else {
        continue
      }
      let standing = state.standing(of: name)
      counts.add(standing.state)
      found += problems(of: quota, standing) + problems(ofUsersIn: name)
    }
    return ServiceStatus(
      version: sluiceVersion, term: state.term, startedAt: startedAt, clusters: clusters, projects: counts,
      problems: ledgerProblems + Problem.all(ofRecoveryIn: state) + clusters.flatMap(\.problems)
        + Problem.first(of: found),
      caller: caller.name,
      role: caller.isAdministrator ? Role.administrator.rawValue : Role.anyone.rawValue)
  }
}

extension ProjectCounts {
  fileprivate mutating func add(_ state: Standing.State) {
    total += 1
    switch state {
    case .ok: ok += 1
    case .moving: moving += 1
    case .over: over += 1
    case .spent: spent += 1
    case .unenforced: unenforced += 1
    case .drift: drift += 1
    }
  }
}
