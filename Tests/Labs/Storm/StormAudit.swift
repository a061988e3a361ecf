/// One look at both clusters at once, by Slurm's own commands. The clusters can't be read at one moment: alpha is
/// read before and after beta, and what is kept is what must have been true together while beta was read.
struct StormLook: Equatable, Sendable {
  /// Seconds since the storm began.
  let from: Double
  let to: Double
  /// CPUs of each account's jobs that ran at once.
  var running: [String: Int] = [:]
  /// CPUs that each account could have run at once: a cluster's native limit, or what runs there if that is more.
  var inForce: [String: Int] = [:]
}

/// What one cluster answers.
struct StormReading: Equatable, Sendable {
  /// A run of a job; the same number can be given to another job after a crash.
  struct Run: Hashable, Sendable {
    let account: String
    let job: Int
    let cpus: Int
    let start: String
  }

  var runs: Set<Run> = []
  var waiting: [String: Int] = [:]
  var limits: [String: Int] = [:]

  /// - Parameter lines: of `squeue -o '%A|%T|%C|%a|%S'`.
  init(lines: [String], limits: [String: Int]) {
    self.limits = limits
    for line in lines {
      let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 5, let job = Int(fields[0]), let cpus = Int(fields[2]) else { continue }
      switch fields[1] {
      case "RUNNING", "SUSPENDED", "CONFIGURING":
        runs.insert(Run(account: fields[3], job: job, cpus: cpus, start: fields[4]))
      case "PENDING": waiting[fields[3], default: 0] += 1
      default: break
      }
    }
  }

  fileprivate init(runs: Set<Run>, limits: [String: Int]) {
    self.runs = runs
    self.limits = limits
  }

  fileprivate func used(_ account: String) -> Int {
    runs.reduce(0) { $0 + ($1.account == account ? $1.cpus : 0) }
  }

  fileprivate func inForce(_ account: String, unlimited: Int) -> Int {
    max(limits[account] ?? unlimited, used(account))
  }
}

extension StormLook {
  /// A job that runs both before and after ran in between. Of a limit the lower counts: one change between the
  /// two is thereby no alarm.
  init(
    _ accounts: [String], before: StormReading, beta: StormReading, after: StormReading, from: Double,
    to: Double
  ) {
    self.init(from: from, to: to)
    let limits = before.limits.merging(after.limits) { min($0, $1) }
    let alpha = StormReading(runs: before.runs.intersection(after.runs), limits: limits)
    for account in accounts {
      running[account] = alpha.used(account) + beta.used(account)
      inForce[account] =
        alpha.inForce(account, unlimited: Cluster.alpha.nodes * 64)
        + beta.inForce(account, unlimited: Cluster.beta.nodes * 64)
    }
  }
}

/// What a project was allowed over time, as the one who set its cap knows it.
struct CapHistory: Sendable {
  enum Entry: Equatable, Sendable {
    /// A command with this cap may have been taken from now on.
    case sent(Int)
    /// Sluice says that no more than this, the cap, is in force. From then on it is held to it.
    case claimed(Int)
  }

  private(set) var entries: [(at: Double, entry: Entry)]

  init(_ cap: Int) { entries = [(0, .claimed(cap))] }

  mutating func note(_ entry: Entry, at: Double) { entries.append((at, entry)) }

  /// The most that may be in force at any moment between the two. A lowered cap ends nothing, and what was
  /// decided before it may still land: until Sluice claims that it holds, what held before may go on.
  func allowed(from: Double, to: Double) -> Int {
    var allowed = 0
    for (at, entry) in entries where at <= to {
      switch entry {
      case .sent(let cap): allowed = max(allowed, cap)
      case .claimed(let cap): allowed = at <= from ? cap : max(allowed, cap)
      }
    }
    return allowed
  }
}

/// Holds what was seen against what was allowed. Shares nothing with Sluice.
enum StormAuditor {
  static func violations(_ looks: [StormLook], caps: [String: CapHistory]) -> [String] {
    looks.flatMap { look in
      caps.sorted { $0.key < $1.key }.flatMap { account, history -> [String] in
        let allowed = history.allowed(from: look.from, to: look.to)
        let sums = [("running", look.running[account] ?? 0), ("in force", look.inForce[account] ?? 0)]
        return sums.filter { $0.1 > allowed }.map {
          "\(look.from)...\(look.to) s: \(account) has \($0.1) CPUs \($0.0), allowed are \(allowed)"
        }
      }
    }
  }

  /// Each acknowledged command must be in the audit exactly once, in the order of the acknowledgements.
  /// - Parameter audit: the reasons in the audit, oldest first.
  static func auditFaults(acknowledged: [String], audit: [String]) -> [String] {
    let wanted = Set(acknowledged)
    let found = audit.filter(wanted.contains)
    guard found != acknowledged else { return [] }
    var counts: [String: Int] = [:]
    for reason in found { counts[reason, default: 0] += 1 }
    let lost = acknowledged.filter { counts[$0] == nil }.map {
      "'\($0)' was acknowledged and is not in the audit"
    }
    let doubled = acknowledged.filter { counts[$0, default: 0] > 1 }.map { "'\($0)' is in the audit twice" }
    return lost.isEmpty && doubled.isEmpty ? ["the audit has another order"] : lost + doubled
  }
}
