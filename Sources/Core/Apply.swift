package import Model
internal import Quota

extension State {
  /// Makes a decided event part of the state; replaying the ledger does the same.
  package mutating func apply(_ event: Event, at now: Timestamp) {
    switch event {
    case .projectSet(let project, let acceptsUnenforced):
      set(project, acceptsUnenforced: acceptsUnenforced, at: now)
    case .projectDeleted(let name):
      delete(name)
    case .share(let project, let cluster, let event):
      apply(event, toShareOf: project, in: cluster, at: now)
    case .loan(let borrower, let lender, let loan, _):
      apply(loan, of: borrower, from: lender)
    case .drained(let cluster, let isDrained):
      clusters.update(cluster) { $0.isDrained = isDrained }
    case .termStarted(let term):
      self.term = term
    }
    reckonFormers(after: event)
  }

  private mutating func set(_ project: Project, acceptsUnenforced: Bool, at now: Timestamp) {
    var new = ProjectQuota(project: project, acceptsUnenforced: acceptsUnenforced, at: now)
    for cluster in new.shares.names {
      // A write for an earlier project of the same account may still be under way: nothing is proven
      // about the share before it has ended.
      let last = clusters[cluster]?.lastWrite
      new.shares.update(cluster) { $0.writing = .due(after: last) }
    }
    adopt(project.name, from: projects[project.name]?.project, to: project)
    guard let old = projects[project.name] else {
      enroll(project.name)
      projects.insert(new)
      for (cluster, share) in new.shares { enlist(share.listing, of: project.name, in: cluster) }
      return
    }
    projects.update(project.name) {
      if $0.project.budget?.period != project.budget?.period { $0.budgetSince = new.budgetSince }
      $0.project = project
      $0.acceptsUnenforced = acceptsUnenforced
    }
    for (cluster, share) in new.shares where old.shares[cluster] == nil {
      projects.update(project.name) { $0.shares[cluster] = share }
      enlist(share.listing, of: project.name, in: cluster)
    }
  }

  private mutating func delete(_ name: ProjectName) {
    guard let quota = projects.remove(name) else { return }
    strike(name)
    adopt(name, from: quota.project, to: nil)
    for (lender, loan) in quota.loans { noteDebt(of: name, to: lender, was: loan, is: Loan()) }
    for (cluster, share) in quota.shares {
      clusters.update(cluster) {
        if $0.projectOfAccount[share.account] == name { $0.projectOfAccount[share.account] = nil }
      }
    }
  }

  private mutating func apply(
    _ event: ShareEvent, toShareOf project: ProjectName, in cluster: ClusterName, at now: Timestamp
  ) {
    // A write that is under way may make the account, or a member's association, without limits.
    let last = event.looksAnew ? clusters.read(cluster) { $0.lastWrite } ?? nil : nil
    let listings = projects.update(project) { quota in
      if case .allotted = event { quota.movedAt = now }
      return quota.shares.update(cluster) { share in
        let old = share.listing
        share.apply(event)
        if let last { share.wait(for: last) }
        return (old, share.listing)
      }
    }
    guard let (old, new) = listings ?? nil else { return }
    enlist(new, insteadOf: old, of: project, in: cluster)
  }
}
