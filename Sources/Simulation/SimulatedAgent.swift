internal import Core
internal import Model
internal import Quota

/// An agent as its contract has it (docs/protocol.md): it takes writes on in the order of their numbers, one
/// at a time, notes the number on its disk first, and tells limits that it read before the usage.
final class SimulatedAgent {
  struct Row {
    let project: Int
    /// Under which account its is created if it isn't there.
    let above: Int?
    /// The new limit of each lane; nil leaves it as it is.
    let limits: [Int64?]
    /// Associations that are made with the account where they are missing. They have no limits.
    let members: [Int]
    /// It only lifts the limits of an association: one that isn't there is not made for that.
    let isLifting: Bool

    func makes(_ account: Int) -> Bool { account == project && !isLifting || members.contains(account) }

    func applied(to load: Load) -> Load {
      var result = load
      for (lane, limit) in limits.enumerated() { if let limit { result[lane] = limit } }
      return result
    }
  }

  /// A line that the coordinator sent. It may come to be read after its connection has ended.
  struct Line {
    let number: WriteNumber
    let rows: [Row]
    let connection: Int
  }

  enum Answer { case refused, taken(failed: [Int]) }

  private struct Reading {
    let boot: Int64
    let accounts: [SimulatedCluster.Account]
    let applied: WriteNumber?
    let isSettled: Bool
    let edits: Int
  }

  let cluster: SimulatedCluster
  private(set) var isUp = true
  private(set) var mailbox: [Line] = []
  /// Lines of connections that have ended, which it may still come to read.
  private(set) var lateMail: [Line] = []
  /// On its disk.
  private(set) var highest: WriteNumber?
  private(set) var current: (line: Line, isStored: Bool)?
  /// Transactions of a process that died: each may still be committed, or rolled back.
  private(set) var loose: [Row] = []
  private var ended: WriteNumber?
  private var reading: Reading?
  private var serial: Int64 = 0

  init(of cluster: SimulatedCluster) { self.cluster = cluster }

  func crash(leavingLoose: Bool) {
    guard isUp else { return }
    isUp = false
    if let current, !current.isStored, leavingLoose { loose += current.line.rows.filter(cluster.takes) }
    current = nil
    reading = nil
    mailbox = []
    lateMail = []
    // Its memory of lost jobs is gone; the nodes' isn't.
    cluster.endLostJobs()
  }

  func start() {
    guard !isUp else { return }
    isUp = true
    ended = highest
    serial = 0
  }

  // MARK: Mail

  /// - Parameter isLate: Its connection has ended already.
  func send(_ line: Line, isLate: Bool) {
    guard isUp else { return }
    if isLate { lateMail.append(line) } else { mailbox.append(line) }
  }

  /// The connection ends. What wasn't read is lost, or read later.
  func hangUp(keepingMail: Bool) {
    if keepingMail { lateMail += mailbox }
    mailbox = []
  }

  func readLateMail() {
    guard isUp, !lateMail.isEmpty else { return }
    mailbox.append(lateMail.removeFirst())
  }

  // MARK: Writes

  /// One step of the write at hand, or the first of the next. Gives what it answers, and to which connection.
  func work() -> (answer: Answer, line: Line)? {
    guard isUp else { return nil }
    guard let (line, isStored) = current else { return takeOn() }
    if !isStored {
      guard cluster.isDatabaseUp else { return end(line, failed: line.rows.map(\.project)) }
      store(line.rows)
      current = (line, true)
      return nil
    }
    if cluster.kind == .slurm { cluster.propagate() }
    let failed = line.rows.filter { row in
      let account = cluster.accounts[row.project]
      return account.exists ? account.stored != account.enforced : !row.isLifting
    }
    return end(line, failed: failed.map(\.project))
  }

  /// Those above come first. What the cluster doesn't take holds up no other.
  private func store(_ rows: [Row]) {
    var left = rows
    while let index = left.firstIndex(where: cluster.takes) {
      let row = left.remove(at: index)
      // The later transaction waits for the earlier one's row locks: that one can't come after it.
      loose.removeAll { $0.project == row.project }
      cluster.store(row)
    }
  }

  private func takeOn() -> (answer: Answer, line: Line)? {
    guard !mailbox.isEmpty else { return nil }
    let line = mailbox.removeFirst()
    if let highest, line.number <= highest { return (.refused, line) }
    highest = line.number
    current = (line, false)
    return nil
  }

  private func end(_ line: Line, failed: [Int]) -> (answer: Answer, line: Line) {
    ended = line.number
    current = nil
    return (.taken(failed: failed), line)
  }

  func settleLoose(committing: Bool) {
    guard !loose.isEmpty else { return }
    let row = loose.removeFirst()
    guard committing, cluster.isDatabaseUp else { return }
    cluster.store(row)
    if cluster.kind == .slurm { cluster.propagate() }
  }

  // MARK: Views

  /// Settled: nothing is under way, and nothing stored that the controller doesn't have yet.
  private var isSettled: Bool { loose.isEmpty && cluster.isPropagated }

  func readLimits(edits: Int) {
    guard isUp, cluster.isControllerUp else { return }
    // A larger limit that is stored and not yet enforced, a reading doesn't show.
    let isShown = cluster.accounts.allSatisfy { $0.stored.fits(under: $0.enforced) }
    reading = Reading(
      boot: cluster.boot, accounts: cluster.accounts, applied: ended, isSettled: isSettled,
      edits: isShown ? edits : 0)
  }

  /// The second half of a reading, and the view that comes of it; nil without limits of the same boot.
  func readJobs() -> View? {
    guard isUp, cluster.isControllerUp, let reading, reading.boot == cluster.boot else { return nil }
    self.reading = nil
    serial += 1
    var view = View(
      serial: serial, boot: cluster.kind == .slurm ? reading.boot : 1, applied: reading.applied,
      isSettled: reading.isSettled, edits: reading.edits,
      rows: reading.accounts.map { View.Row(exists: $0.exists, limits: $0.enforced) })
    if cluster.hasLevels { view.tellTree(of: reading.accounts) }
    for index in cluster.jobs.indices {
      let job = cluster.jobs[index]
      guard job.isKnown || job.isTracked else { continue }
      cluster.jobs[index].isTracked = true
      view.held &+= job.load
      view.count(job.project) { row in
        row.used &+= job.load
        row.runningJobs += 1
      }
    }
    for (project, load) in cluster.waiting {
      view.count(project) { row in
        row.pending &+= load
        row.pendingJobs += 1
      }
    }
    return view
  }
}

/// What an agent has read, whole.
struct View {
  struct Row: Equatable {
    let exists: Bool
    let limits: Load
    /// The accounts above it, from the inside out.
    var above: [Int] = []
    var used = Load.zero
    var pending = Load.zero
    var runningJobs = 0
    var pendingJobs = 0
  }

  var serial: Int64
  var boot: Int64
  var applied: WriteNumber?
  var isSettled: Bool
  /// The edits by others that it shows; for the auditor.
  var edits: Int
  /// What all jobs have.
  var held = Load.zero
  var rows: [Row]

  mutating func tellTree(of accounts: [SimulatedCluster.Account]) {
    for index in accounts.indices where accounts[index].exists {
      var next = accounts[index].place.enforced
      while let above = next {
        rows[index].above.append(above)
        next = accounts[above].place.enforced
      }
    }
  }

  /// Adds something of an account to its row, and to those of all above it.
  mutating func count(_ account: Int, _ add: (inout Row) -> Void) {
    add(&rows[account])
    for above in rows[account].above { add(&rows[above]) }
  }
}
