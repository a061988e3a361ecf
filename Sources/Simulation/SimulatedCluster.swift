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
  }

  struct Job {
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
  var accounts: [Account]
  var jobs: [Job] = []
  var waiting: [(project: Int, load: Load)] = []
  var boot: Int64 = 1
  var isControllerUp = true
  var isDatabaseUp = true

  init(kind: Kind, size: Load, accounts: [Account]) {
    self.kind = kind
    self.size = size
    self.accounts = accounts
  }

  /// What runs, whether the controller knows of it or not.
  func used(by project: Int) -> Load {
    var sum = Load.zero
    for job in jobs where job.project == project { sum &+= job.load }
    return sum
  }

  private func counted(_ project: Int?) -> Load {
    var sum = Load.zero
    for job in jobs where job.isKnown && (project == nil || job.project == project) { sum &+= job.load }
    return sum
  }

  /// Into slurmdbd, or into the quota's spec. A new account comes to the controller with its limits.
  func store(_ row: SimulatedAgent.Row) {
    let account = accounts[row.project]
    let limits = row.applied(to: account.exists ? account.stored : .unlimited)
    accounts[row.project].stored = limits
    accounts[row.project].isEdited = false
    guard !account.exists else { return }
    accounts[row.project] = Account(exists: true, stored: limits, enforced: limits, saved: limits)
  }

  // MARK: What happens by itself

  /// Starts what waits, as far as limits and room allow.
  func schedule() {
    guard isControllerUp else { return }
    var index = 0
    while index < waiting.count {
      let (project, load) = waiting[index]
      let account = accounts[project]
      if account.exists, (counted(project) &+ load).fits(under: account.enforced),
        (counted(nil) &+ load).fits(under: size)
      {
        jobs.append(Job(project: project, load: load))
        waiting.remove(at: index)
      } else {
        index += 1
      }
    }
  }

  /// The stored limits reach the controller: slurmdbd's update, or Kubernetes' quota controller.
  func propagate() {
    guard isControllerUp, isDatabaseUp else { return }
    for index in accounts.indices { accounts[index].enforced = accounts[index].stored }
  }

  var isPropagated: Bool { accounts.allSatisfy { $0.enforced == $0.stored } }

  /// slurmctld writes its state files.
  func save() {
    for index in accounts.indices { accounts[index].saved = accounts[index].enforced }
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
      accounts[index].enforced = isDatabaseUp ? accounts[index].stored : accounts[index].saved
    }
  }

  /// What the controller has lost is found by its node, and ended there.
  func endLostJobs() { jobs.removeAll { !$0.isKnown } }
}
