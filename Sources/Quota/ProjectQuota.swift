package import Model

/// A project's grant and its parts in the clusters.
package struct ProjectQuota: Hashable, Codable, Sendable {
  package var project: Project
  /// An administrator takes the project although a cluster can't hold its limits (rule 8).
  package var acceptsUnenforced: Bool
  package var shares: NameMap<ClusterTag, Share>
  /// What it borrows, by lender.
  package var loans: NameMap<ProjectTag, Loan>
  /// What it has set aside for all that borrow from it. Their loans tell; it isn't kept a second time.
  package var lent = TRESAmounts()
  /// Of a user, what is in force under names that he had before. It isn't kept either: it is off his cap.
  package var formerly = TRESAmounts()
  /// When an allotment last moved.
  package var movedAt: Timestamp
  /// Since when it has a budget over such periods as now: what it left before isn't carried over.
  package var budgetSince: Timestamp?
  /// What of its budget is spent. Kept, since after a restart nobody knows what runs before each cluster was heard.
  package var spent: [SpentBudget] = []

  package init(project: Project, acceptsUnenforced: Bool, at now: Timestamp) {
    self.project = project
    self.acceptsUnenforced = acceptsUnenforced
    movedAt = now
    budgetSince = project.budget == nil ? nil : now
    loans = NameMap()
    shares = NameMap()
    for (cluster, binding) in project.clusters {
      var share = Share(cluster: cluster, binding: binding)
      for (tres, _) in project.limits { share.inForce[tres] = .unbounded }
      shares[cluster] = share
    }
  }

  package var caps: TRESAmounts { project.limits }

  /// A user's quota without caps goes once none of its native limits is left. A project always has a cap.
  package var hasEnded: Bool { caps.isEmpty && shares.allSatisfy { $0.value.cleared.isEmpty } }

  /// Of `tres`, all that may be effective now. The promise is that it is at most the cap.
  package func inForce(_ tres: TRES) -> Amount {
    sum { $0.inForce.used(tres) }
  }

  package func used(_ tres: TRES) -> Amount {
    sum { $0.seen?.used.used(tres) ?? .zero }
  }

  /// What can't be taken back by decision alone: what is allotted, or used beyond that.
  func committed(_ tres: TRES) -> Amount {
    sum { max($0.allotment.used(tres), $0.seen?.used.used(tres) ?? .zero) }
  }

  /// Whether more is used, or bound to be, than the cap allows (rule 6).
  package func isOver(_ tres: TRES) -> Bool {
    committed(tres) > allowed.used(tres)
  }

  /// Whether nothing of `tres` may start, since a budget is spent: its own, or one of something that has no cap to be held by.
  /// Submissions wait, and use nothing.
  package func isHeld(_ tres: TRES) -> Bool {
    guard !spent.isEmpty, project.budget?.whenSpent != .notify, tres != .submittedJobs else { return false }
    return spent.contains { $0.tres == tres || $0.tres == tres.untyped || caps[$0.tres] == nil }
  }

  /// What changes in the shares when the grant becomes `new`.
  package func events(becoming new: Project) -> [(cluster: ClusterName, event: ShareEvent)] {
    let kept = caps.names.filter { new.limits[$0] != nil }
    let added = new.limits.names.filter { caps[$0] == nil }
    let isRecapped = !added.isEmpty || kept.count != caps.count
    // With caps per user, each member's association is written with his own quota, and else with the project's.
    let hasNewMembers =
      new.members.names != project.members.names || new.perUser.isEmpty != project.perUser.isEmpty
    var events: [(cluster: ClusterName, event: ShareEvent)] = []
    for (cluster, share) in shares {
      if isRecapped { events.append((cluster, .recapped(kept: kept, added: added))) }
      if let binding = new.clusters[cluster] {
        let isSame = share.account == binding.account && share.parent == binding.parent && !share.isLeaving
        if !isSame {
          events.append((cluster, .rebound(binding)))
        } else if hasNewMembers {
          events.append((cluster, .due))
        }
      } else if !share.isLeaving {
        events.append((cluster, .leaving))
      }
    }
    return events
  }
}

extension ProjectQuota {
  /// What waiting jobs ask for, over all clusters.
  package func pending(_ tres: TRES) -> Amount {
    sum { $0.seen?.pending.used(tres) ?? .zero }
  }

  private func sum(_ amount: (Share) -> Amount) -> Amount {
    let shares = shares.values
    return shares.indices.reduce(.zero) { $0 + amount(shares[$1]) }
  }
}

extension ProjectQuota {
  private enum CodingKeys: CodingKey {
    case project, acceptsUnenforced, shares, loans, movedAt, budgetSince, spent
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    project = try container.decode(Project.self, forKey: .project)
    acceptsUnenforced = try container.decode(Bool.self, forKey: .acceptsUnenforced)
    shares = try container.decode(NameMap<ClusterTag, Share>.self, forKey: .shares)
    // Ledgers from before there were loans don't have them.
    loans = try container.decodeIfPresent(NameMap<ProjectTag, Loan>.self, forKey: .loans) ?? NameMap()
    movedAt = try container.decode(Timestamp.self, forKey: .movedAt)
    budgetSince = try container.decodeIfPresent(Timestamp.self, forKey: .budgetSince)
    spent = try container.decodeIfPresent([SpentBudget].self, forKey: .spent) ?? []
  }
}
