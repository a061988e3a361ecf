internal import Core
package import Ledger
internal import Model
internal import Quota
package import Wire

/// Looks through all that a ledger keeps for what doesn't agree.
package struct LedgerCheck {
  private static let mostFindings = 100
  private static let mostNotes = 20

  private var findings: [Problem] = []
  private var leftOut = 0
  private var notes: [String] = []

  private var records: [ProjectName: ProjectQuota] = [:]
  private var drained: Set<ClusterName> = []
  private var replay = Replay()
  private var events = Numbering()
  private var audit = Numbering(from: 1)
  private var terms = 0
  private var lastWrites: [String: WriteNumber] = [:]
  private var writes = 0
  private var charges = 0
  private var chargedClusters: Set<String> = []
  private var chargeCursors: Set<String> = []

  /// - Parameter inspect: `Ledger.inspect`, of whichever ledger.
  package static func report(
    _ inspect: ((LedgerEntry) -> Void) throws(LedgerError) -> [String]
  ) throws(LedgerError) -> LedgerReport {
    var check = LedgerCheck()
    let faults = try inspect { check.take($0) }
    for fault in faults { check.find("the file", "is damaged: \(fault)", .restore) }
    // What a damaged file shows may be half of it.
    if faults.isEmpty { check.conclude() }
    return LedgerReport(findings: check.findings, notes: check.notes)
  }

  private enum Advice: String {
    case restore =
      "restore a backup that 'sluiced --check' finds sound; the operations page says how"
    case report =
      "restore a sound backup; if nobody wrote to the ledger but sluiced, this is a fault of Sluice: report it"
  }

  private mutating func find(_ subject: String, _ message: String, _ advice: Advice) {
    guard findings.count < Self.mostFindings else {
      leftOut += 1
      return
    }
    findings.append(Problem(subject: subject, message: message, advice: advice.rawValue))
  }

  private mutating func take(_ entry: LedgerEntry) {
    switch entry {
    case .mark(let mark): if let note = mark.note { notes.append(note) }
    case .term: terms += 1
    case .record(let record): take(record)
    case .event(let id, let at, let payload): take(id, payload, at: at)
    case .effect(let id, let cluster, let number):
      writes += 1
      if let last = lastWrites[cluster], number <= last {
        find(
          "write \(number) to \(cluster)",
          "comes after \(last) (entry \(id)), but the numbers of writes must rise", .report)
      }
      lastWrites[cluster] = number
    case .audit(let id):
      if let gap = audit.take(id) { find("the audit", gap, .restore) }
    case .charge(let charge): take(charge)
    case .chargeCursor(let record): chargeCursors.insert(record.cluster)
    case .budgetEntry(let entry): take(entry)
    }
  }

  private mutating func take(_ charge: ChargeRecord) {
    charges += 1
    chargedClusters.insert(charge.cluster)
    let subject = "the charge for job \(charge.job) of \(charge.cluster)"
    if !(0...max(0, charge.endedAt - charge.startedAt)).contains(charge.seconds) {
      find(subject, "has \(charge.seconds) s, which do not fit between its start and its end", .report)
    }
    do throws(TRESError) {
      _ = try TRESAmounts(parsing: charge.tres)
    } catch {
      find(subject, "can't be read: \(error)", .restore)
    }
  }

  private mutating func take(_ entry: BudgetEntryRecord) {
    guard (try? TRES(entry.tres)) == nil || entry.milliHours <= 0 else { return }
    find(
      "what the budget of project \(entry.project) was credited",
      "can't be \(entry.milliHours) thousandths of \(entry.tres)-hours", .restore)
  }

  private mutating func take(_ id: Int64, _ payload: String, at: Timestamp) {
    if let gap = events.take(id) {
      find("the events", gap, .restore)
      replay.stop()
    }
    // The oldest are forgotten in time.
    if events.first != 1 { replay.stop() }
    do {
      try replay.take(payload, at: at)
    } catch {
      find("event \(id)", error.message, .report)
    }
  }

  private mutating func take(_ record: LedgerRecord) {
    do {
      switch try Records.parse(record) {
      case .project(let quota): take(quota)
      case .drained(let cluster): drained.insert(cluster)
      }
    } catch {
      find("record '\(record.key)'", error.description, .restore)
    }
  }

  private mutating func take(_ quota: ProjectQuota) {
    let name = quota.project.name
    for (cluster, share) in quota.shares where share.cluster != cluster {
      find("project \(name)", "its share in \(cluster) says that it is in \(share.cluster)", .report)
    }
    for cluster in quota.project.clusters.names where quota.shares[cluster] == nil {
      find("project \(name)", "it has no share in \(cluster), though it names that cluster", .report)
    }
    for (lender, loan) in quota.loans {
      for (tres, granted) in loan.granted where granted > loan.setAside.used(tres) {
        find("project \(name)", "it borrows more \(tres) of \(lender) than that has set aside", .report)
      }
    }
    records[name] = quota
  }
}

// Once all was shown.
extension LedgerCheck {
  private mutating func conclude() {
    findSharedAccounts()
    findBrokenTrees()
    compare()
    for cluster in chargedClusters.subtracting(chargeCursors).sorted() {
      find("cluster \(cluster)", "has charges, but nothing tells how far they were asked for", .report)
    }
    noteGrants()
    notes.insert(
      "projects: \(records.keys.filter { !$0.isOfUser }.count), starts: \(terms), events: \(events.count), writes: \(writes), "
        + "audit entries: \(audit.count), charges: \(charges)", at: 0)
    if leftOut > 0 { notes.append("\(leftOut) more findings are not shown") }
  }

  private mutating func findSharedAccounts() {
    var owners: [String: ProjectName] = [:]
    for name in records.keys.sorted() {
      for (cluster, share) in records[name]?.shares ?? [:] {
        guard let owner = owners.updateValue(name, forKey: "\(cluster)/\(share.account)") else { continue }
        find(
          "project \(name)", "\(owner) has account \(share.account) on \(cluster) too", .report)
      }
    }
  }

  private mutating func findBrokenTrees() {
    for name in records.keys.sorted() {
      var path: Set<ProjectName> = [name]
      var next = records[name]?.project.parent
      for lender in records[name]?.loans.names ?? [] where records[lender] == nil {
        find("project \(name)", "it borrows from '\(lender)', which is no project", .report)
      }
      while let parent = next {
        guard let above = records[parent] else {
          find("project \(name)", "there is no project '\(parent)', though it is above this one", .report)
          break
        }
        guard path.insert(parent).inserted else {
          find("project \(name)", "the projects above it go round in a ring, by \(parent)", .report)
          break
        }
        next = above.project.parent
      }
    }
  }

  /// The records are what the events add up to.
  private mutating func compare() {
    guard replay.isComplete else {
      if let first = events.first, first > 1 {
        notes.append("the events go back to number \(first): what came before is in the records alone")
      }
      return
    }
    let all = Set(records.keys).union(replay.state.quotaNames).sorted()
    for name in all where records[name].map(Replay.settled) != replay.quota(of: name) {
      let what =
        records[name] == nil
        ? "has no record" : replay.quota(of: name) == nil ? "has a record, but no event" : "differs"
      find("project \(name)", "\(what): the records are not what the events add up to", .report)
    }
    for cluster in drained.symmetricDifference(replay.drained).sorted() {
      find("cluster \(cluster)", "whether it is drained differs between records and events", .report)
    }
  }

  private mutating func noteGrants() {
    var unread = 0
    var grants: [String] = []
    for name in records.keys.sorted() {
      guard let quota = records[name] else { continue }
      let above = quota.caps.filter { quota.inForce($0.0) > $0.1 + quota.borrowed($0.0) }
      if above.contains(where: { quota.inForce($0.0) >= .unbounded }) { unread += 1 }
      for (tres, cap) in above where quota.inForce(tres) < .unbounded {
        grants.append(
          "project \(name): \(tres): \(quota.inForce(tres).text(of: tres)) are in force, "
            + "the cap is \(cap.text(of: tres))")
      }
    }
    if unread > 0 { notes.append("projects of which not every cluster was read yet: \(unread)") }
    notes += grants.prefix(Self.mostNotes)
    if grants.count > Self.mostNotes { notes.append("and \(grants.count - Self.mostNotes) more of these") }
  }
}

extension LedgerMark {
  fileprivate var note: String? {
    switch self {
    case .ledger: nil
    case .backup: "this is a backup: 'sluiced --recover' starts from it"
    case .recovering: "recovery was asked for, and has not begun"
    }
  }
}

/// Numbers that come one after the other, without a gap.
struct Numbering {
  private(set) var count = 0
  private(set) var first: Int64?
  private var next: Int64?

  /// - Parameter start: what they begin with; any number when nil.
  init(from start: Int64? = nil) { next = start }

  /// What is missing before `id`; nil when nothing is.
  mutating func take(_ id: Int64) -> String? {
    defer {
      count += 1
      first = first ?? id
      next = id + 1
    }
    guard let next, next != id else { return nil }
    return next == id - 1 ? "number \(next) is missing" : "numbers \(next) to \(id - 1) are missing"
  }
}

/// The events from the first one on, applied to an empty state.
struct Replay {
  /// All events were there so far, and could be applied.
  private(set) var isComplete = true
  private(set) var state = State(
    term: 0, projects: [], clusters: [], drained: [], lastWrites: [:], driftPolicy: .restore)
  private(set) var drained: Set<ClusterName> = []

  /// What follows is only read.
  mutating func stop() { isComplete = false }

  /// - Throws: what is wrong with the event.
  mutating func take(_ payload: String, at: Timestamp) throws(Failure) {
    do throws(Failure) {
      let event = try Self.decode(payload)
      if isComplete { try apply(event, at: at) }
    } catch {
      stop()
      throw error
    }
  }

  private static func decode(_ payload: String) throws(Failure) -> Event {
    do {
      return try JSON.decode(Event.self, kept: Array(payload.utf8))
    } catch {
      throw Failure(.faulty, "can't be read: \(error.message)")
    }
  }

  private mutating func apply(_ event: Event, at: Timestamp) throws(Failure) {
    switch event {
    case .share(let name, let cluster, _) where state.share(of: name, in: cluster) == nil:
      throw Failure(.faulty, "changes a share of project \(name) in \(cluster), which no event before made")
    case .drained(let cluster, let isDrained):
      if isDrained { drained.insert(cluster) } else { drained.remove(cluster) }
    default:
      state.apply(event, at: at)
    }
  }

  func quota(of name: ProjectName) -> ProjectQuota? { state.projects[name].map(Self.settled) }

  /// As far as the events tell: which write may still be under way for a new share, and what of a budget is spent, the
  /// running state knew.
  static func settled(_ quota: ProjectQuota) -> ProjectQuota {
    var quota = quota
    quota.lent = TRESAmounts()
    quota.formerly = TRESAmounts()
    quota.spent = []
    for cluster in quota.shares.names {
      quota.shares.update(cluster) { if case .due = $0.writing { $0.writing = .due(after: nil) } }
    }
    return quota
  }
}
