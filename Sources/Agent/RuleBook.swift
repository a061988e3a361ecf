internal import Admission
internal import Dispatch
internal import Logging
internal import Model
internal import RPC
internal import Synchronization
internal import Wire

/// What jobs are held to at submission, as sluiced last told. In memory, to answer from; and on disk, so that an agent
/// that starts while sluiced is down goes on with what it had.
final class RuleBook: Sendable {
  /// As many as may be followed, and as many again while one whole set takes the place of another.
  private static let most = 2 * UsageRequest.mostAccounts
  private static let fileName = "admission-rules.json"
  /// Seconds from a change to the file. What a crash loses meanwhile, sluiced tells anew when it links.
  private static let delay = 1.0

  fileprivate struct State {
    var entries: [AccountName: Entry] = [:]
    var number: WriteNumber?
    var isStored = true

    struct Entry {
      let rule: Rule
      let number: WriteNumber
    }
  }

  private let state: Mutex<State>
  private let directory: StateDirectory
  private let logger: Logger
  private let storing = DispatchQueue(label: "admission rules")

  init(directory: StateDirectory, logger: Logger) {
    self.directory = directory
    self.logger = logger
    var state = State()
    do throws(Failure) {
      if let bytes = try directory.contents(of: Self.fileName) {
        try state.apply(try JSON.decode(AdmissionRules.self, from: bytes), most: Self.most)
      }
    } catch {
      // sluiced tells them all when it links.
      logger.warning("the rules of before are lost", metadata: ["reason": "\(error)"])
    }
    self.state = Mutex(state)
  }

  /// Of the last message taken.
  var number: WriteNumber? { state.withLock { $0.number } }

  func rule(for account: AccountName) -> Rule? { state.withLock { $0.entries[account]?.rule } }

  func apply(_ call: RPCCall) throws(Failure) {
    let rules = try call.parameters.decode(AdmissionRules.self)
    guard rules.accounts.count + rules.gone.count <= AdmissionRules.mostAccounts else {
      throw Failure(
        .badParameters, "accounts: at most \(AdmissionRules.mostAccounts) can be told at once, with gone")
    }
    let (count, mustStore) = try state.withLock { state throws(Failure) in
      try state.apply(rules, most: Self.most)
      defer { state.isStored = false }
      return (state.entries.count, state.isStored)
    }
    if mustStore { storing.asyncAfter(deadline: .now() + Self.delay) { [weak self] in self?.store() } }
    call.reply(AdmissionRulesResult(accounts: count))
  }

  /// Brings what is not yet on disk there.
  func close() { storing.sync { store() } }

  private func store() {
    let rules = state.withLock { state -> AdmissionRules? in
      guard !state.isStored, let number = state.number else { return nil }
      state.isStored = true
      return AdmissionRules(
        number: number,
        accounts: state.entries.map {
          AccountRule(
            account: $0.key,
            holders: $0.value.rule.holders.map {
              CapHolder(project: $0.project, caps: $0.caps, spent: $0.spent)
            })
        })
    }
    guard let rules else { return }
    do throws(Failure) {
      try directory.replace(Self.fileName, with: JSON.encode(rules))
    } catch {
      logger.warning("the rules are in memory alone", metadata: ["reason": "\(error)"])
    }
  }
}

extension RuleBook.State {
  fileprivate mutating func apply(_ rules: AdmissionRules, most: Int) throws(Failure) {
    if let number, rules.number <= number {
      throw Failure(
        .outdated,
        "rules \(rules.number) are refused: rules \(number) were seen already, and numbers must rise")
    }
    let new = rules.accounts.filter { entries[$0.account] == nil }.count
    guard entries.count + new <= most else {
      throw Failure(.overloaded, "accounts: at most \(most) can have a rule")
    }
    number = rules.number
    for account in rules.gone { entries[account] = nil }
    for row in rules.accounts {
      let holders = row.holders.map { Rule.Holder(project: $0.project, caps: $0.caps, spent: $0.spent) }
      entries[row.account] = Entry(rule: Rule(holders: holders), number: rules.number)
    }
    if let since = rules.since { entries = entries.filter { $0.value.number >= since } }
  }
}
