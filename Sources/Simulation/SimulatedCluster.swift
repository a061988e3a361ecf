/// A cluster with the manners of Slurm or of Kubernetes. It enforces what its controller has, which is
/// not always what was stored.
final class SimulatedCluster {
  enum Kind { case slurm, kubernetes }

  struct Account {
    var exists: Bool
    /// In slurmdbd; in Kubernetes the quota's spec.
    var stored: Load
    /// In slurmctld; in Kubernetes the quota's status, which alone counts at admission.
    var enforced: Load
    /// In slurmctld's state file, which it starts from when slurmdbd is down.
    var saved: Load
    /// What is stored is somebody else's.
    var isEdited = false
    /// Others have set limits on it, or a project that is gone has: nobody lifts those.
    var mayKeepLimits = false
    var place = Place()
  }

  /// The account right above one; nil below the root. As its limits, in slurmdbd, in slurmctld and in its state file.
  struct Place {
    var stored: Int?
    var enforced: Int?
    var saved: Int?

    init(_ above: Int? = nil) {
      stored = above
      enforced = above
      saved = above
    }
  }

  struct Job {
    /// Whose account it runs in, or whose association.
    let project: Int
    let load: Load
    /// The controller counts it; not so after a crash that came before its state was saved.
    var isKnown = true
    var isSaved = false
    /// The agent has read it while the controller knew it.
    var isTracked = false
  }

  let kind: Kind
  let size: Load
  /// Accounts may lie below one another. Then a limit holds all that runs below it, too.
  let hasTree: Bool
  /// Something lies below something else: accounts, or users' associations.
  let hasLevels: Bool
  var accounts: [Account]
  var jobs: [Job] = []
  var waiting: [(project: Int, load: Load)] = []
  var boot: Int64 = 1
  var isControllerUp = true
  var isDatabaseUp = true

  init(kind: Kind, size: Load, accounts: [Account], hasTree: Bool = false, hasPeople: Bool = false) {
    self.kind = kind
    self.size = size
    self.hasTree = hasTree
    hasLevels = hasTree || hasPeople
    self.accounts = accounts
  }

  /// What runs in the project's account and below it, whether the controller knows of it or not.
  func used(by project: Int) -> Load {
    var sum = Load.zero
    for job in jobs where counts(job, for: project) { sum &+= job.load }
    return sum
  }

  private func counted(_ project: Int?) -> Load {
    var sum = Load.zero
    for job in jobs where job.isKnown && (project.map { counts(job, for: $0) } ?? true) { sum &+= job.load }
    return sum
  }

  private func counts(_ job: Job, for project: Int) -> Bool {
    job.project == project || hasLevels && lies(job.project, below: project)
  }

  func lies(_ account: Int, below other: Int) -> Bool {
    var next = accounts[account].place.enforced
    while let above = next {
      if above == other { return true }
      next = accounts[above].place.enforced
    }
    return false
  }

  /// A new account needs the one above it. To lift limits, the association is looked up at once: one that comes later keeps
  /// its own.
  func takes(_ row: SimulatedAgent.Row) -> Bool {
    accounts[row.project].exists || !row.isLifting && (row.above.map { accounts[$0].exists } ?? true)
  }

  /// Into slurmdbd, or into the quota's spec. A new account comes to the controller with its limits, and with its members.
  func store(_ row: SimulatedAgent.Row) {
    storeLimits(row)
    for member in row.members where !accounts[member].exists {
      accounts[member] = Account(
        exists: true, stored: .unlimited, enforced: .unlimited, saved: .unlimited, place: Place(row.project))
    }
  }

  private func storeLimits(_ row: SimulatedAgent.Row) {
    let account = accounts[row.project]
    let limits = row.applied(to: account.exists ? account.stored : .unlimited)
    accounts[row.project].stored = limits
    accounts[row.project].isEdited = false
    guard !account.exists else { return }
    accounts[row.project] = Account(
      exists: true, stored: limits, enforced: limits, saved: limits, mayKeepLimits: account.mayKeepLimits,
      place: Place(row.above))
  }

  // MARK: What happens by itself

  /// Starts what waits, as far as limits and room allow.
  func schedule() {
    guard isControllerUp else { return }
    var index = 0
    while index < waiting.count {
      let (project, load) = waiting[index]
      if accounts[project].exists, isAdmitted(load, to: project), (counted(nil) &+ load).fits(under: size) {
        jobs.append(Job(project: project, load: load))
        waiting.remove(at: index)
      } else {
        index += 1
      }
    }
  }

  /// Its own limit leaves room, and so does each above it.
  private func isAdmitted(_ load: Load, to project: Int) -> Bool {
    var next: Int? = project
    while let account = next {
      guard (counted(account) &+ load).fits(under: accounts[account].enforced) else { return false }
      next = accounts[account].place.enforced
    }
    return true
  }

  /// The stored limits reach the controller: slurmdbd's update, or Kubernetes' quota controller.
  func propagate() {
    guard isControllerUp, isDatabaseUp else { return }
    for index in accounts.indices { accounts[index].enforced = accounts[index].stored }
  }

  var isPropagated: Bool { accounts.allSatisfy { $0.enforced == $0.stored } }

  /// Somebody has moved an account, and nothing keeps slurmctld from learning it.
  var isMoveDue: Bool {
    isControllerUp && isDatabaseUp && accounts.contains { $0.place.enforced != $0.place.stored }
  }

  func finishMoves() {
    for index in accounts.indices { accounts[index].place.enforced = accounts[index].place.stored }
  }

  /// slurmctld writes its state files.
  func save() {
    for index in accounts.indices {
      accounts[index].saved = accounts[index].enforced
      accounts[index].place.saved = accounts[index].place.enforced
    }
    for index in jobs.indices { jobs[index].isSaved = jobs[index].isKnown }
  }

  /// The controller ends; after a crash what it had not saved is forgotten.
  func stopController(crashing: Bool) {
    guard isControllerUp else { return }
    isControllerUp = false
    guard kind == .slurm else { return }
    guard crashing else { return save() }
    // Its node ends a job that neither the controller nor the agent ever knew.
    jobs.removeAll { !$0.isSaved && !$0.isTracked }
    for index in jobs.indices where !jobs[index].isSaved { jobs[index].isKnown = false }
  }

  func startController() {
    guard !isControllerUp else { return }
    isControllerUp = true
    guard kind == .slurm else { return }
    boot += 1
    for index in accounts.indices {
      let account = accounts[index]
      accounts[index].enforced = isDatabaseUp ? account.stored : account.saved
      accounts[index].place.enforced = isDatabaseUp ? account.place.stored : account.place.saved
    }
  }

  /// What the controller has lost is found by its node, and ended there.
  func endLostJobs() { jobs.removeAll { !$0.isKnown } }
}
