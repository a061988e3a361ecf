internal import Core
internal import Model
internal import Quota
internal import Wire

/// What each agent that answers a hook was told to hold jobs to at submission, so that it is told all of it when it
/// links, and then what changes.
struct AdmissionBook: Sendable {
  private var told: [ClusterName: Told] = [:]

  fileprivate struct Told {
    var rules: [ProjectName: AccountRule] = [:]
    var last: WriteNumber
  }

  /// The whole set, for an agent that has just linked. Nothing for one that answers no hook.
  mutating func begin(_ cluster: ClusterName, _ hello: AgentHello, in state: State) -> [AdmissionRules] {
    guard hello.capabilities.contains(AgentHello.admission) else { return [] }
    // Above all that it has seen, and all that may still be on its way over a link of before.
    let term = WriteNumber(term: state.term, sequence: 0)
    var new = Told(last: max(term, hello.rules ?? term, told[cluster]?.last ?? term))
    let since = new.last.next
    let projects = Set((state.clusters[cluster]?.projectOfAccount ?? [:]).values).sorted()
    var messages = new.messages(about: projects, in: cluster, state)
    if messages.isEmpty { messages = [AdmissionRules(number: new.next(), accounts: [])] }
    messages[messages.count - 1].since = since
    told[cluster] = new
    return messages
  }

  /// What agents are to be told when these projects have changed, or are gone.
  mutating func changes(
    of changed: [ProjectName], in state: State
  ) -> [(cluster: ClusterName, messages: [AdmissionRules])] {
    guard !changed.isEmpty, !told.isEmpty else { return [] }
    // Caps hold what is below, too.
    let projects = state.subtrees(of: changed)
    return told.keys.sorted().map { cluster in
      (cluster, told[cluster]?.messages(about: projects, in: cluster, state) ?? [])
    }
  }
}

extension AdmissionBook.Told {
  fileprivate mutating func next() -> WriteNumber {
    last = last.next
    return last
  }

  /// Notes what these projects' rules are now, and tells what is new in them.
  fileprivate mutating func messages(
    about projects: [ProjectName], in cluster: ClusterName, _ state: State
  ) -> [AdmissionRules] {
    var changed: [AccountRule] = []
    var gone: [AccountName] = []
    for project in projects {
      let old = rules[project]
      let new = AccountRule(of: project, in: cluster, state)
      guard old != new, old != nil || rules.count < UsageRequest.mostAccounts else { continue }
      rules[project] = new
      if let new { changed.append(new) }
      if let old, old.account != new?.account { gone.append(old.account) }
    }
    // First what is gone: another project may have the account now.
    let most = AdmissionRules.mostAccounts
    return pieces(of: gone, most).map { AdmissionRules(number: next(), accounts: [], gone: $0) }
      + pieces(of: changed, most).map { AdmissionRules(number: next(), accounts: $0) }
  }

  private func pieces<Element>(of elements: [Element], _ most: Int) -> [[Element]] {
    stride(from: 0, to: elements.count, by: most).map {
      Array(elements[$0..<min($0 + most, elements.count)])
    }
  }
}

extension AccountRule {
  /// nil when the project has no account there, or is about to leave it.
  fileprivate init?(of project: ProjectName, in cluster: ClusterName, _ state: State) {
    guard let share = state.share(of: project, in: cluster), !share.isLeaving else {
      return nil
    }
    var least = TRESAmounts()
    var holders: [CapHolder] = []
    for holder in state.lineage(of: project) {
      let caps = TRESAmounts(holder.mostEver.filter { tres, cap in least[tres].map { cap < $0 } ?? true })
      let spent = holder.project.budget?.whenSpent == .deny ? holder.spent : []
      if holders.isEmpty || !caps.isEmpty || !spent.isEmpty {
        holders.append(CapHolder(project: holder.project.name, caps: caps, spent: spent))
      }
      for (tres, cap) in caps { least[tres] = cap }
    }
    self.init(account: share.account, holders: holders)
  }
}

extension State {
  /// These, and all that is below them, each once.
  fileprivate func subtrees(of projects: [ProjectName]) -> [ProjectName] {
    var seen: Set<ProjectName> = []
    var found: [ProjectName] = []
    var rest = projects
    while let next = rest.popLast() {
      guard seen.insert(next).inserted else { continue }
      found.append(next)
      rest += children(of: next)
    }
    return found
  }
}

extension WriteNumber {
  fileprivate var next: WriteNumber { WriteNumber(term: term, sequence: sequence + 1) }
}

extension Event {
  /// The project that was set or deleted.
  var grantee: ProjectName? {
    switch self {
    case .projectSet(let project, _): project.name
    case .projectDeleted(let name): name
    case .share, .loan, .drained, .termStarted: nil
    }
  }
}
