import Foundation
import Synchronization

/// An administrator who never rests: raises and lowers a cap, drains and resumes clusters, and repeats each
/// command until it is acknowledged. Knows what was acknowledged, and what the cap allowed when.
final class StormClient: Sendable {
  /// A command that isn't acknowledged in so many seconds is a fault.
  private static let patience = 180.0

  private struct State {
    var history: CapHistory
    var cap: Int
    var drained: Cluster?
    var acknowledged: [String] = []
    var failedAttempts = 0
    var faults: [String] = []
    var isStopping = false
    var isDone = false
  }

  private let sluice: SluiceLab
  private let project: String
  private let clock: StormClock
  private let state: Mutex<State>

  /// `project` is there, with this cap, and it is confirmed.
  init(_ sluice: SluiceLab, project: String, cap: Int, seed: UInt64, clock: StormClock) {
    self.sluice = sluice
    self.project = project
    self.clock = clock
    state = Mutex(State(history: CapHistory(cap), cap: cap))
    Thread.detachNewThread { [weak self] in
      var random = SeededGenerator(seed: seed)
      while let self, self.state.withLock({ !$0.isStopping }) { self.act(&random) }
      self?.finish()
    }
  }

  var history: CapHistory { state.withLock { $0.history } }
  /// The last acknowledged.
  var cap: Int { state.withLock { $0.cap } }
  var acknowledged: [String] { state.withLock { $0.acknowledged } }
  var failedAttempts: Int { state.withLock { $0.failedAttempts } }
  var faults: [String] { state.withLock { $0.faults } }

  /// Leaves no cluster drained, and a cap that lets every job start.
  func stop() {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.05) }
  }

  private func finish() {
    if let cluster = state.withLock({ $0.drained }) { resume(cluster) }
    set(cap == 12 ? 11 : 12)
    state.withLock { $0.isDone = true }
  }

  private func act(_ random: inout SeededGenerator) {
    let (cap, drained) = state.withLock { ($0.cap, $0.drained) }
    let choice = Int.random(in: 0..<6, using: &random)
    if choice > 0 {
      set((2...12).filter { $0 != cap }.randomElement(using: &random) ?? 2)
    } else if let drained {
      resume(drained)
    } else {
      drain(Bool.random(using: &random) ? .alpha : .beta)
    }
    let end = clock.now + Double.random(in: 0.2...3, using: &random)
    repeat { readClaim() } while clock.now < end
  }

  private func set(_ cap: Int) {
    state.withLock { $0.history.note(.sent(cap), at: clock.now) }
    guard insist(["project", "set", project, "--limit", "cpu=\(cap)"]) else { return }
    state.withLock { $0.cap = cap }
  }

  private func drain(_ cluster: Cluster) {
    guard insist(["cluster", "drain", cluster.rawValue]) else { return }
    state.withLock { $0.drained = cluster }
  }

  private func resume(_ cluster: Cluster) {
    guard insist(["cluster", "resume", cluster.rawValue]) else { return }
    state.withLock { $0.drained = nil }
  }

  /// Says the same until it is acknowledged: it must count once, however often it was said.
  private func insist(_ command: [String]) -> Bool {
    let reason = "command \(state.withLock { $0.acknowledged.count + 1 })"
    let end = clock.now + Self.patience
    var last = ""
    while clock.now < end {
      do {
        let result = try sluice.run(command + ["--reason", reason, "--timeout", "10"])
        if result.status == 0 {
          state.withLock { $0.acknowledged.append(reason) }
          return true
        }
        last = result.output + result.errors
      } catch {
        last = "\(error)"
      }
      state.withLock { $0.failedAttempts += 1 }
      Thread.sleep(forTimeInterval: 0.1)
    }
    state.withLock {
      $0.faults.append("\(command) was not acknowledged in \(Self.patience) s: \(last)")
      $0.isStopping = true
    }
    return false
  }

  /// Once Sluice says that the cap holds, it is held to that.
  private func readClaim() {
    let quota = try? sluice.sluice(["quota", "show", project, "--timeout", "10"]) as? [String: Any]
    let line = (quota?["tres"] as? [[String: Any]])?.first
    if let cap = line?["cap"] as? Int, let inForce = line?["in_force"] as? Int, inForce <= cap {
      state.withLock { $0.history.note(.claimed(cap), at: clock.now) }
    }
    Thread.sleep(forTimeInterval: 0.3)
  }
}
