import Foundation
import Synchronization

/// Looks at both clusters again and again by Slurm's own commands, on a thread of its own, until stopped.
final class StormWatch: Sendable {
  /// A limit can go down and up again while a slower look is taken: it would prove nothing.
  private static let slowest = 1.5

  private struct State {
    var looks: [StormLook] = []
    var slow = 0
    var failed = 0
    /// As last seen, by cluster and account.
    var waiting: [Cluster: [String: Int]] = [:]
    var isStopping = false
    var isDone = false
  }

  private let lab: Lab
  private let accounts: [String]
  private let clock: StormClock
  private let state = Mutex(State())

  init(_ lab: Lab, accounts: [String], clock: StormClock) {
    self.lab = lab
    self.accounts = accounts
    self.clock = clock
    // Weak, so that the thread ends too when a test throws before it stops this.
    Thread.detachNewThread { [weak self] in
      while self?.look() == true { Thread.sleep(forTimeInterval: 0.05) }
    }
  }

  var looks: [StormLook] { state.withLock { $0.looks } }
  /// Looks that proved nothing: too slow, or one cluster didn't answer.
  var wasted: (slow: Int, failed: Int) { state.withLock { ($0.slow, $0.failed) } }

  func waiting(_ account: String, _ cluster: Cluster) -> Int {
    state.withLock { $0.waiting[cluster]?[account] ?? 0 }
  }

  func stop() {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.01) }
  }

  private func look() -> Bool {
    let from = clock.now
    do {
      let before = try read(.alpha)
      let beta = try read(.beta)
      let after = try read(.alpha)
      let look = StormLook(accounts, before: before, beta: beta, after: after, from: from, to: clock.now)
      state.withLock { state in
        state.waiting = [.alpha: after.waiting, .beta: beta.waiting]
        if look.to - look.from <= Self.slowest { state.looks.append(look) } else { state.slow += 1 }
      }
    } catch {
      state.withLock { $0.failed += 1 }
    }
    return state.withLock {
      $0.isDone = $0.isStopping
      return !$0.isDone
    }
  }

  private func read(_ cluster: Cluster) throws -> StormReading {
    let names = accounts.joined(separator: ",")
    let jobs = try lab.slurm(cluster, ["squeue", "-hr", "-A", names, "-o", "%A|%T|%C|%a|%S"], timeout: 3)
    let limits = try lab.nativeLimits(of: accounts, cluster, timeout: 3)
    var reading = StormReading(lines: jobs.lines, limits: limits)
    // A slurmctld that was killed brings back jobs as running that had ended before: only its nodes know better.
    let live = lab.liveJobs(cluster)
    reading.runs = reading.runs.filter { live.contains($0.job) }
    return reading
  }
}

extension Lab {
  /// Jobs that really run on the cluster's nodes: each has a slurmstepd, with its slurmd's environment.
  fileprivate func liveJobs(_ cluster: Cluster) -> Set<Int> {
    let mark = "SLURM_CONF=\(slurmConf(cluster))"
    let pids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int($0) } ?? []
    var jobs: Set<Int> = []
    for pid in pids {
      // Such as "slurmstepd: [12.batch]".
      guard let title = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline"),
        title.starts(with: Data("slurmstepd: [".utf8)),
        let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ"),
        environment.split(separator: 0).contains(Data(mark.utf8))
      else { continue }
      let number = title.dropFirst("slurmstepd: [".utf8.count).prefix { (48...57).contains($0) }
      if let job = Int(String(decoding: number, as: UTF8.self)) { jobs.insert(job) }
    }
    return jobs
  }
}

/// Seconds since a storm began.
struct StormClock: Sendable {
  private let start = ContinuousClock.now

  var now: Double { (ContinuousClock.now - start) / .seconds(1) }
}
