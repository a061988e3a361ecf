internal import HeapModule
package import Model
package import Quota

/// Everything the coordinator knows: what the ledger keeps, and what the clusters last told.
package struct State: Sendable {
  package internal(set) var term: Int64
  package internal(set) var projects = ProjectTable()
  /// All projects in order, because a Dictionary has none. Users' quotas are none.
  package internal(set) var projectNames: [ProjectName] = []
  /// Of each project, the users who have a quota of their own in it (`UserCaps`), in order.
  var usersOfProject: [ProjectName: [UserName]] = [:]
  /// Users, by their own quotas, of whom names of before have one, too (`FormerNames`).
  var usersWithFormers: Set<ProjectName> = []
  /// Who is called otherwise in a cluster than here.
  package let userMap: UserMap
  /// Of each project in which some members can't be told apart by it, those.
  var mergedUsers: [ProjectName: [MergedUsers]] = [:]
  /// Of each project that has some, those right below it, in order.
  var children: [ProjectName: [ProjectName]] = [:]
  /// Those of them that lend, likewise.
  var lenders: [ProjectName: [ProjectName]] = [:]
  /// Of each project that has lent something, those that borrow it, in order.
  var debtors: [ProjectName: [ProjectName]] = [:]
  /// All that are configured or have a share, in the order of their names. None comes or goes.
  package internal(set) var clusters = NameTable<ClusterTag, ClusterState>()
  package let driftPolicy: DriftPolicy
  var agenda = Heap<Wake>()
  var restEnds = Heap<RestEnd>()

  /// A project is to be looked at then.
  struct Wake: Comparable, Sendable {
    let at: Timestamp
    let project: ProjectName

    static func < (left: Wake, right: Wake) -> Bool {
      left.at == right.at ? left.project < right.project : left.at < right.at
    }
  }

  /// The rest of a share ends then.
  struct RestEnd: Comparable, Sendable {
    let at: Timestamp
    let cluster: ClusterName
    let project: ProjectName

    static func < (left: RestEnd, right: RestEnd) -> Bool {
      (left.at, left.cluster, left.project) < (right.at, right.cluster, right.project)
    }
  }

  /// The state as the ledger has it, before any agent was heard. Every start has a term of its own.
  ///
  /// - Parameter lastWrites: The highest number that the ledger has of a write to each cluster.
  package init(
    term: Int64, projects: [ProjectQuota], clusters: [ClusterName], drained: Set<ClusterName>,
    lastWrites: NameMap<ClusterTag, WriteNumber>, driftPolicy: DriftPolicy, userMap: UserMap = [:]
  ) {
    self.term = term
    self.driftPolicy = driftPolicy
    self.userMap = userMap
    // A share in a cluster that is no longer configured still counts: its cluster is known, and unreachable.
    for cluster in Set(clusters + projects.flatMap(\.shares.names)).sorted() {
      self.clusters.append(
        ClusterState(isDrained: drained.contains(cluster), lastWrite: lastWrites[cluster]), as: cluster)
    }
    for quota in projects {
      self.projects.insert(quota)
      self.projects.update(quota.project.name) {
        $0.lent = TRESAmounts()
        $0.formerly = TRESAmounts()
      }
      adopt(quota.project.name, from: nil, to: quota.project)
      for (cluster, share) in quota.shares {
        enlist(share.listing, of: quota.project.name, in: cluster)
      }
    }
    for name in projects.map(\.project.name).sorted() { enroll(name) }
    for user in usersWithFormers.sorted() { reckonFormers(of: user) }
    for quota in projects {
      for (lender, loan) in quota.loans {
        noteDebt(of: quota.project.name, to: lender, was: Loan(), is: loan)
      }
    }
  }

  /// Keeps the indexes of a share's cluster true to the share.
  ///
  /// - Parameter old: What they are true to now; nil for a share that is new to them.
  mutating func enlist(
    _ new: ShareListing, insteadOf old: ShareListing? = nil, of project: ProjectName,
    in cluster: ClusterName
  ) {
    // One that is due may have left the queue since: it always goes in again.
    guard new != old || new.isDue else { return }
    clusters.update(cluster) { state in
      if old?.account != new.account {
        // Another may have it by now, where two exchange their names.
        if let old, state.projectOfAccount[old.account] == project {
          state.projectOfAccount[old.account] = nil
        }
        state.projectOfAccount[new.account] = project
      }
      if new.isDue { state.due.push(project) }
      guard old?.isSent != new.isSent else { return }
      if new.isSent { state.awaiting.insert(project) } else { state.awaiting.remove(project) }
    }
  }

  /// The highest number that each cluster was sent, as the ledger knows it.
  package var lastWrites: NameMap<ClusterTag, WriteNumber> {
    var numbers = NameMap<ClusterTag, WriteNumber>()
    for cluster in clusters.names { numbers[cluster] = clusters.read(cluster) { $0.lastWrite } ?? nil }
    return numbers
  }

  package func share(of project: ProjectName, in cluster: ClusterName) -> Share? {
    projects.read(project) { $0.shares[cluster] } ?? nil
  }

  /// All that have a share there, in the order of their names.
  func projects(in cluster: ClusterName) -> [ProjectName] {
    clusters.read(cluster) { $0.projectOfAccount.values.sorted() } ?? []
  }
}

extension NameTable<ClusterTag, ClusterState> {
  mutating func footing(_ cluster: ClusterName) -> Footing { update(cluster) { $0.footing } ?? .absent }
}

extension Footing {
  /// That of a cluster which isn't there.
  static let absent = Footing(isMovable: false, isDrained: false, capacity: TRESAmounts())
}

extension ClusterState {
  var footing: Footing {
    Footing(isMovable: isAnswering, isDrained: isDrained, capacity: head?.capacity ?? TRESAmounts())
  }
}

/// Of a share, what its cluster's indexes go by.
struct ShareListing: Equatable {
  let account: AccountName
  let isDue: Bool
  let isSent: Bool
}

extension Share {
  var listing: ShareListing {
    let isSent = if case .sent = writing { true } else { false }
    return ShareListing(account: account, isDue: isDue, isSent: isSent)
  }
}

/// One cluster, as far as decisions need it.
package struct ClusterState: Sendable {
  /// By an administrator: nothing new is meant to start there.
  package internal(set) var isDrained: Bool
  /// Its agent is dialled and answers.
  package internal(set) var isLinked = false
  /// Its agent has answered since the start: no write of before the start is unknown.
  var wasHeard = false
  /// Of the last view over the present link.
  var lastSerial: Int64?
  /// The last view's head; of an older link while there is no new one.
  package internal(set) var head: Report.Head?
  package internal(set) var projectOfAccount: [AccountName: ProjectName] = [:]
  /// Shares whose last write failed.
  package internal(set) var rests: [ProjectName: Rest] = [:]

  /// Shares to be written, and shares written but not yet confirmed.
  var due = WorkQueue<ProjectName>()
  var awaiting: Set<ProjectName> = []
  /// Writes to a cluster go one at a time (rule 5).
  var inFlight: WriteNumber?
  /// The projects in it.
  var carried: [ProjectName] = []
  var nextSequence: Int64 = 1
  /// The last write to it, of this term or an earlier one, as far as the ledger knows; after a recovery the
  /// number that those to come are above.
  var lastWrite: WriteNumber?

  /// A share that could not be written is left alone for a while.
  package struct Rest: Hashable, Sendable {
    var failures: Int
    var until: Timestamp
    package var reason: String
  }

  init(isDrained: Bool, lastWrite: WriteNumber?) {
    self.isDrained = isDrained
    self.lastWrite = lastWrite
  }

  /// Limits there can be changed, and the change confirmed.
  package var isAnswering: Bool { isLinked && (head?.isFresh ?? false) }
}
