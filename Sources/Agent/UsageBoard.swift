internal import Dispatch
internal import Model
internal import RPC
internal import Synchronization
internal import Transport
internal import Wire

/// Holds the last view, answers from it, and tells watchers what changed.
final class UsageBoard: Sendable {
  /// Clients that watch, and calls that await accounts not followed until now.
  static let mostWatchers = 256
  static let mostWaiting = 256
  /// Of `usage.get`: an account stays followed so long after it was last asked for.
  private static let interest = 60.0
  /// For accounts just followed to come into a view; then the answer has what there is.
  private static let patience = 5.0

  private struct Watcher {
    let client: RPCPeer
    let accounts: [AccountName]
    /// What it was told last; nil until it has its answer.
    var told: [AccountName: AccountUsage]?
  }

  private struct Waiting {
    let call: RPCCall
    let accounts: [AccountName]
    let deadline: Deadline
  }

  private struct State {
    var view: UsageView?
    var byName: [AccountName: AccountUsage] = [:]
    var receivedAt = ContinuousClock.now
    var watchers: [UInt64: Watcher] = [:]
    var waiting: [Waiting] = []
    var asked: [AccountName: Deadline] = [:]
    /// The backend is about to be told what to follow.
    var isTelling = false
  }

  private let state = Mutex(State())
  private let backend: any Backend
  /// The backend may block, so it is told on a thread that may.
  private let teller = DispatchQueue(label: "follow")

  init(backend: any Backend) { self.backend = backend }

  /// Tells the backend which accounts someone wants, once for however many changes come together.
  private func follow() {
    let isFirst = state.withLock { state in
      defer { state.isTelling = true }
      return !state.isTelling
    }
    guard isFirst else { return }
    teller.async { [self] in backend.follow(takeWanted()) }
  }

  private func takeWanted() -> [AccountName] {
    state.withLock { state in
      state.isTelling = false
      state.asked = state.asked.filter { !$0.value.hasPassed }
      var names = Set(state.asked.keys)
      for watcher in state.watchers.values { names.formUnion(watcher.accounts) }
      return names.sorted()
    }
  }

  // MARK: Calls

  func get(_ call: RPCCall) throws(Failure) {
    let accounts = try accounts(of: call)
    try state.withLock { state throws(Failure) in
      let new = accounts.filter { state.asked[$0] == nil }.count
      guard state.asked.count + new <= UsageRequest.mostAccounts else {
        throw Failure(
          .overloaded,
          "at most \(UsageRequest.mostAccounts) accounts are followed for usage.get: try again "
            + "in a minute, or use usage.watch")
      }
      for account in accounts { state.asked[account] = Deadline(after: Self.interest) }
      try answer(call, accounts, &state)
    }
    follow()
  }

  /// Replaces what this client watched before.
  func watch(_ call: RPCCall) throws(Failure) {
    let accounts = try accounts(of: call)
    let client = call.client
    try state.withLock { state throws(Failure) in
      guard state.watchers[client.id] != nil || state.watchers.count < Self.mostWatchers else {
        throw Failure(.overloaded, "\(Self.mostWatchers) clients watch already: try again later")
      }
      state.watchers[client.id] = Watcher(client: client, accounts: accounts)
      try answer(call, accounts, &state)
    }
    follow()
  }

  func forget(_ client: RPCPeer) {
    let wasThere = state.withLock { state in
      state.waiting.removeAll { $0.call.client == client }
      return state.watchers.removeValue(forKey: client.id) != nil
    }
    if wasThere { follow() }
  }

  // MARK: Views

  /// A new view, whole: answers those who waited for it, and tells each watcher what changed.
  func publish(_ view: UsageView) {
    let hasExpired = state.withLock { state in
      state.view = view
      state.receivedAt = .now
      state.byName = Dictionary(view.accounts.map { ($0.account, $0) }) { _, last in last }
      for id in state.watchers.keys { tell(id, &state) }
      answerWaiting(&state)
      return state.asked.values.contains { $0.hasPassed }
    }
    if hasExpired { follow() }
  }

  private func answerWaiting(_ state: inout State) {
    let waiting = state.waiting
    state.waiting = []
    for entry in waiting {
      if entry.deadline.hasPassed || Self.isComplete(entry.accounts, state) {
        reply(entry.call, entry.accounts, &state)
      } else {
        state.waiting.append(entry)
      }
    }
  }

  private func tell(_ id: UInt64, _ state: inout State) {
    guard let watcher = state.watchers[id], var told = watcher.told else { return }
    var changed: [AccountUsage] = []
    for name in watcher.accounts {
      guard let usage = state.byName[name], told[name] != usage else { continue }
      told[name] = usage
      changed.append(usage)
    }
    state.watchers[id]?.told = told
    if let view = Self.view(with: changed, state) { watcher.client.notify("usage.changed", view) }
  }

  // MARK: Answers

  private func accounts(of call: RPCCall) throws(Failure) -> [AccountName] {
    let accounts = try call.parameters.decode(UsageRequest.self).accounts
    guard accounts.count <= UsageRequest.mostAccounts else {
      throw Failure(.badParameters, "accounts: at most \(UsageRequest.mostAccounts) can be asked for")
    }
    var seen: Set<AccountName> = []
    return accounts.filter { seen.insert($0).inserted }
  }

  /// At once when all is there, else when a view has it or the patience ends.
  private func answer(_ call: RPCCall, _ accounts: [AccountName], _ state: inout State) throws(Failure) {
    if state.view != nil, Self.isComplete(accounts, state) { return reply(call, accounts, &state) }
    guard state.waiting.count < Self.mostWaiting else {
      throw Failure(.overloaded, "\(Self.mostWaiting) calls already wait for a view: try again later")
    }
    state.waiting.append(
      Waiting(call: call, accounts: accounts, deadline: Deadline(after: Self.patience)))
  }

  private static func isComplete(_ accounts: [AccountName], _ state: State) -> Bool {
    accounts.allSatisfy { state.byName[$0] != nil }
  }

  private func reply(_ call: RPCCall, _ accounts: [AccountName], _ state: inout State) {
    let rows = accounts.compactMap { state.byName[$0] }
    guard let view = Self.view(with: rows, state) else { return }
    if call.method == "usage.watch", state.watchers[call.client.id]?.accounts == accounts {
      state.watchers[call.client.id]?.told = Dictionary(uniqueKeysWithValues: rows.map { ($0.account, $0) })
    }
    call.reply(view)
  }

  /// The last view's head, as old as it is by now, with those accounts.
  private static func view(with accounts: [AccountUsage], _ state: State) -> UsageView? {
    guard var view = state.view else { return nil }
    let since = (ContinuousClock.now - state.receivedAt) / .seconds(1)
    view.age = view.age.map { (($0 + since) * 1000).rounded() / 1000 }
    view.accounts = accounts
    return view
  }
}
