package import Model
package import Quota

/// How a project stands, and why.
package struct Standing: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    case ok, moving, spent, over, unenforced, drift
  }

  /// One thing that is true of it.
  package struct Finding: Hashable, Sendable {
    package var state: State
    /// A sentence.
    package var reason: String
    /// What lets the cap be passed, when that is it.
    package var gap: LimitGap?
  }

  /// The gravest first; none when all is well.
  package var findings: [Finding]

  package var state: State { findings.first?.state ?? .ok }
  package var reasons: [String] { findings.map(\.reason) }
}

extension Core.State {
  /// The gravest thing that is true of the project, and a sentence for each thing that is.
  package func standing(of name: ProjectName) -> Standing {
    guard let quota = projects[name] else { return Standing(findings: []) }
    let reasons = [
      (Standing.State.over, overReasons(quota)),
      (.drift, driftReasons(quota)),
      (.spent, spentReasons(quota)),
      (.moving, returnReasons(quota)),
      (.moving, formerReasons(of: quota)),
      (.moving, movingReasons(quota)),
    ]
    return Standing(
      findings: findings(of: gaps(of: quota.project) + mergedUserGaps(of: quota.project))
        + reasons.flatMap { state, reasons in reasons.map { Standing.Finding(state: state, reason: $0) } })
  }

  private func findings(of gaps: [LimitGap]) -> [Standing.Finding] {
    gaps.map { Standing.Finding(state: .unenforced, reason: $0.reason, gap: $0) }
  }

  /// Why a cluster may not hold the project to its caps (rule 8).
  package func gaps(
    of project: Project, above: (ClusterName, AccountName) -> [AccountName]? = { _, _ in nil }
  ) -> [LimitGap] {
    let native = project.clusters.flatMap { cluster, binding in
      (clusters[cluster]?.head?.voids ?? []).filter { void in
        (void.account.map { $0 == binding.account } ?? true)
          && (void.tres.map { project.limits[$0] != nil || project.perUser[$0] != nil } ?? true)
      }
      .map { $0.told(of: cluster) }
    }
    return native + userGaps(of: project) + treeGaps(of: project, above: above)
  }

  private func overReasons(_ quota: ProjectQuota) -> [String] {
    quota.caps.names.filter { quota.isOver($0) && !quota.isGivingBack($0) }.map { tres in
      let parts = quota.shares.compactMap { cluster, share -> String? in
        let used = share.seen?.used.used(tres) ?? .zero
        let allotted = share.allotment.used(tres)
        guard used > allotted else { return nil }
        return "\(cluster) uses \(used.text(of: tres)) and is allotted \(allotted.text(of: tres))"
      }
      return "\(tres): more in use than the cap of \(quota.capInWords(tres)) allows: "
        + parts.joined(separator: ", ") + "; nothing grows until that falls"
    }
  }

  private func spentReasons(_ quota: ProjectQuota) -> [String] {
    let effect =
      switch quota.project.budget?.whenSpent {
      case .hold: "what runs goes on, and nothing more that uses it starts"
      case .deny: "what runs goes on, nothing more that uses it starts, and its submissions are refused"
      case .notify, nil: "nothing is held for that"
      }
    return quota.spent.map { spent in
      let isHeldByOthers = quota.project.budget?.whenSpent != .notify && quota.caps[spent.tres] == nil
      let holders =
        isHeldByOthers ? "; without a cap on \(spent.tres), \(quota.project.substitutesInWords)" : ""
      return "\(spent.sentence(of: quota.project.name)); \(effect)\(holders)"
    }
  }

  private func returnReasons(_ quota: ProjectQuota) -> [String] {
    quota.caps.names.filter(quota.isGivingBack).map { tres in
      let lenders = quota.loans.filter { $0.value.setAside[tres] != nil }.map(\.name.text)
      return "\(tres): gives back to \(lenders.joined(separator: ", ")) what it borrowed, as its jobs end"
    }
  }

  private func driftReasons(_ quota: ProjectQuota) -> [String] {
    quota.shares.compactMap { cluster, share in
      guard let foreign = share.foreign else { return nil }
      let found = foreign.isEmpty ? "no limit" : "\(foreign)"
      let allotted = "on \(share.account.words), allotted is \(share.allotment)"
      if isRevived(share) {
        return
          "\(cluster): its controller started anew with an old limit, \(found) \(allotted); that counts as "
          + "in force, and nothing grows before it is put right"
      }
      let cure =
        driftPolicy == .restore ? "it is being put back" : "it is left as it is, by the setting 'drift'"
      return "\(cluster): someone else set \(found) \(allotted); \(cure)"
    }
  }

  /// Whether the limit that differs came with a start of the cluster's controller (rule 3), and not by a hand.
  package func isRevived(_ share: Share) -> Bool {
    guard share.foreign != nil, let confirmed = share.confirmedBoot else { return false }
    return clusters[share.cluster]?.head?.bootTime != confirmed
  }

  private func movingReasons(_ quota: ProjectQuota) -> [String] {
    quota.shares.compactMap { cluster, share in
      guard let state = clusters[cluster] else { return nil }
      if share.seen == nil {
        return state.isAnswering
          ? "\(cluster): \(share.account.words) is being read"
          : "\(cluster) was never read, so nothing can grow: \(state.isLinked ? "it" : "its agent") does not answer"
      }
      if share.isDoubted {
        return "\(cluster): the ledger is an older copy, so what it has there is being read"
      }
      if !share.isConfirmed {
        let failure = state.rests[quota.project.name].map { " (\($0.reason))" } ?? ""
        let silence =
          state.isAnswering ? "" : ", and \(cluster) does not answer: what held there before still counts"
        return "\(cluster): a limit of \(share.allotment) is on its way\(failure)\(silence)"
      }
      if !state.isAnswering {
        return "\(cluster) does not answer: it keeps its allotment of \(share.allotment)"
      }
      return nil
    }
  }
}
