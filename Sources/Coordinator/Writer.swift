internal import Core
internal import Ledger
internal import Logging
internal import Model
internal import RPC
internal import Threads
internal import Wire

/// The one that decides. It drains the inbox, lets the core take one step for each item, makes the whole round
/// durable in one transaction, and only then answers and acts. Lives on one thread.
struct Writer: Sendable {
  /// What one round takes in at most: more would let the first in it wait too long for the sync.
  private static let mostItems = 512
  private static let longestWait = 1.0

  let settings: CoordinatorSettings
  let startedAt: Timestamp
  let inbox: Inbox
  let ledger: any Ledger
  private let links: [ClusterName: AgentLink]
  private let heartbeat: Heartbeat
  let logger: Logger
  private(set) var state: State
  private(set) var notes: [ClusterName: ClusterNotes]
  var standings = StandingBook()
  private var admission = AdmissionBook()
  private var clock: Clock
  private var callers: [RPCPeer: Caller] = [:]
  var watchers = Watchers()
  var prospects = Prospects()
  var charging: ChargeRounds
  var budgets = BudgetBook()
  var errands: [Errand: Int] = [:]
  private let isRecovering: Bool
  var round: Round

  init(
    settings: CoordinatorSettings, inbox: Inbox, ledger: any Ledger, links: [ClusterName: AgentLink],
    state: State, chargeCursors: [String: String], isRecovering: Bool, clock: Clock, logger: Logger,
    heartbeat: Heartbeat
  ) {
    self.settings = settings
    self.inbox = inbox
    self.ledger = ledger
    self.links = links
    self.state = state
    charging = ChargeRounds(cursors: chargeCursors)
    self.isRecovering = isRecovering
    self.clock = clock
    self.logger = logger
    self.heartbeat = heartbeat
    startedAt = self.clock.now()
    round = Round(at: startedAt)
    notes = [:]
    for agent in settings.agents { notes[agent.cluster] = ClusterNotes(address: agent.text) }
  }

  /// Until the inbox is closed, or the ledger fails: then the process must end, for nothing that was not
  /// made durable may be acknowledged.
  mutating func run() throws(LedgerError) {
    try begin()
    while let items = inbox.take(atMost: Self.mostItems, waiting: pause) {
      round = Round(at: clock.now())
      heartbeat.beat()
      for item in items { take(item) }
      for call in prospects.released(at: round.at) { answer(call, hasWaited: true) }
      judgeBudgets()
      step(.tick)
      try finish()
    }
  }

  /// Before anything else. A recovery is begun once: from then on the ledger itself says what is to be read anew.
  private mutating func begin() throws(LedgerError) {
    round = Round(at: clock.now())
    try beginBudgets()
    if isRecovering {
      step(.recover)
      round.batch.endsRecovery = true
    }
    try finish()
  }

  private var pause: Double {
    guard !budgets.mustJudge else { return 0 }
    guard let wake = state.nextWake else { return Self.longestWait }
    var clock = clock
    return min(Self.longestWait, max(0, wake.seconds(since: clock.now())))
  }

  private mutating func take(_ item: Item) {
    switch item {
    case .call(let call):
      answer(call)
    case .gone(let peer):
      watchers.remove(peer)
      callers[peer] = nil
    case .linked(let cluster, let hello):
      notes[cluster]?.hello = hello
      notes[cluster]?.linkFault = nil
      charging.linked(cluster, hello, at: round.at)
      step(.linked(cluster, lastWrite: hello.lastWrite))
      round.rules += [(cluster, admission.begin(cluster, hello, in: state))]
    case .news(let cluster, let hello):
      notes[cluster]?.hello = hello
    case .unlinked(let cluster, let reason):
      logUnlinked(cluster, reason)
      notes[cluster]?.linkFault = reason
      charging.unlinked(cluster)
      if state.clusters[cluster]?.isLinked ?? false { step(.unlinked(cluster)) }
    case .view(let cluster, let view):
      // What the agent said at first was of another life of the controller, or before it had reached it.
      if view.bootTime != notes[cluster]?.view?.bootTime { links[cluster]?.askForNews() }
      notes[cluster]?.view = view
      notes[cluster]?.viewedAt = round.at
      prospects.see(view)
      charging.see(view, at: round.at)
      budgets.see(view, in: state, at: round.at)
      judgeBudgets()
      let wasAnswering = state.clusters[cluster]?.isAnswering ?? false
      step(.report(cluster, Report(view, untold: notes[cluster]?.untold ?? [])))
      logAnswering(of: cluster, wasAnswering: wasAnswering)
    case .writeEnded(let cluster, let number, let end):
      round.batch.outcomes.append(
        EffectOutcome(cluster: cluster.text, number: number, outcome: end.fault ?? "taken"))
      if let fault = end.fault {
        logger.warning(
          "write failed", metadata: ["cluster": "\(cluster)", "write": "\(number)", "reason": "\(fault)"])
      }
      step(.writeEnded(cluster, number, end))
    case .charges(let page):
      take(page)
    case .chargesRefused(let cluster, let failure):
      noteChargesRefused(by: cluster, failure)
    case .errandEnded(let end):
      finish(end)
    }
  }

  /// One step of the core; what follows from it waits for the end of the round.
  mutating func step(_ input: Input) {
    let step = state.step(input, at: round.at)
    for event in step.events {
      round.batch.audit += AuditRecord.all(of: event, in: state, at: round.at)
    }
    if let record = AuditRecord(input, doubting: step.events, at: round.at) {
      round.batch.audit.append(record)
      logger.warning("recovers: \(record.reason ?? ""); \(record.to ?? "")")
    }
    round.events += step.events
    // A user's quota is shown with its project.
    for name in step.touched { round.touched.insert(name.whole) }
    for name in step.noted { round.touched.insert(name.whole) }
    for effect in step.effects { note(effect) }
  }

  private mutating func note(_ effect: Effect) {
    switch effect {
    case .write(let cluster, let number, let projects):
      let write = LimitWrite(number, of: projects, in: cluster, from: state)
      round.batch.effects.append(
        LedgerEffect(cluster: cluster.text, number: number, payload: Records.text(write)))
      round.writes.append((cluster, write))
    case .fence(let cluster, let number):
      // As a write that has ended, so that every start goes on above it.
      round.batch.effects.append(
        LedgerEffect(
          cluster: cluster.text, number: number,
          payload: Records.text(LimitWrite(number: number, changes: []))))
      round.batch.outcomes.append(EffectOutcome(cluster: cluster.text, number: number, outcome: "recovered"))
    case .follow(let cluster):
      round.follows.insert(cluster)
    }
  }

  /// Makes the round durable, then answers, then acts.
  private mutating func finish() throws(LedgerError) {
    round.batch.events = round.events.map(Records.text)
    round.batch.records = Records.changed(
      by: round.events, and: round.regulated, in: state)
    try countBudgets(round.batch.isEmpty ? [] : try ledger.commit(round.batch))
    round.rules += admission.changes(
      of: round.events.compactMap(\.grantee) + round.regulated, in: state)
    defer { logRound() }
    for answer in round.answers { answer() }
    for cluster in round.follows { links[cluster]?.follow(accounts(toFollowIn: cluster)) }
    for (cluster, rules) in round.rules { links[cluster]?.tell(rules) }
    for (cluster, write) in round.writes { links[cluster]?.write(write) }
    for (cluster, request) in charging.due(at: round.at) { ask(cluster, request) }
    watchers.tell(of: Array(round.touched), in: state) { budget(of: $0) }
  }

  private mutating func ask(_ cluster: ClusterName, _ request: ChargesRequest) {
    budgets.asked(cluster, at: round.at)
    links[cluster]?.askForCharges(request)
  }

  private func accounts(toFollowIn cluster: ClusterName) -> [AccountName] {
    let known = state.clusters[cluster]?.projectOfAccount ?? [:]
    let others = prospects.accounts(in: cluster).filter { known[$0] == nil }
    // Accounts first: if they are too many, users' limits are what is done without.
    let all = (known.keys + others).map { (isOfUser: $0.isOfUser, name: $0) }
    return all.sorted { ($0.isOfUser ? 1 : 0, $0.name) < ($1.isOfUser ? 1 : 0, $1.name) }.prefix(
      UsageRequest.mostAccounts
    ).map(\.name)
  }

  /// The caller of a call, looked up once a connection.
  mutating func caller(of call: RPCCall) -> Caller {
    if let known = callers[call.client] { return known }
    let caller = Caller(call.client.peer, settings: settings)
    callers[call.client] = caller
    return caller
  }

}

/// What one round gathers until its end.
struct Round: Sendable {
  let at: Timestamp
  var batch: LedgerBatch
  var events: [Event] = []
  var answers: [@Sendable () -> Void] = []
  var writes: [(cluster: ClusterName, write: LimitWrite)] = []
  var follows = TouchList<ClusterName>()
  /// What agents are to hold jobs to at submission, in the order in which they are to be told.
  var rules: [(cluster: ClusterName, messages: [AdmissionRules])] = []
  var touched = TouchList<ProjectName>()
  /// Projects whose budgets are spent now, or no longer.
  var regulated = TouchList<ProjectName>()
  /// Clusters that had told all charges that there were when they were asked.
  var settled = TouchList<ClusterName>()

  init(at now: Timestamp) {
    at = now
    batch = LedgerBatch(at: now)
  }
}
