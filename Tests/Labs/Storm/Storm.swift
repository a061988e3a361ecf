import Foundation

/// Random numbers that a seed makes again: SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// Kills parts of a lab and of Sluice at random, and starts each again after a while, as systemd would.
struct Storm {
  enum Victim: String, CaseIterable {
    case sluiced
    case agentAlpha = "agent-alpha"
    case agentBeta = "agent-beta"
    case slurmctldAlpha = "slurmctld-alpha"
    case slurmctldBeta = "slurmctld-beta"
    case slurmdbd, munged, mariadbd
    case slurmd = "slurmd-a1"

    /// What a start of it would fail without.
    var needs: [Victim] {
      switch self {
      case .slurmdbd: [.munged, .mariadbd]
      case .slurmctldAlpha, .slurmctldBeta, .slurmd: [.munged, .mariadbd, .slurmdbd]
      default: []
      }
    }

    /// A slurmctld that starts without slurmdbd revives old limits, which is a test of its own.
    func mayBeDown(with other: Victim) -> Bool {
      let controllers: Set<Victim> = [.slurmctldAlpha, .slurmctldBeta]
      let accounting: Set<Victim> = [.slurmdbd, .munged, .mariadbd]
      return !(controllers.contains(self) && accounting.contains(other))
        && !(accounting.contains(self) && controllers.contains(other))
    }
  }

  let sluice: SluiceLab
  let clock: StormClock
  private var random: SeededGenerator
  /// When each that is down starts again.
  private var down: [Victim: Double] = [:]
  private(set) var log: [String] = []

  init(_ sluice: SluiceLab, seed: UInt64, clock: StormClock) {
    self.sluice = sluice
    self.clock = clock
    random = SeededGenerator(seed: seed)
  }

  /// Kills so many times, and leaves everything running.
  mutating func rage(kills: Int) throws {
    for _ in 0..<kills {
      let alive = Victim.allCases.filter { down[$0] == nil }
      try kill(alive.randomElement(using: &random) ?? .sluiced)
      try wait(Double.random(in: 0.3...4, using: &random))
    }
    for victim in Victim.allCases where down[victim] != nil { try restart(victim) }
  }

  private mutating func kill(_ victim: Victim) throws {
    for other in Victim.allCases where down[other] != nil && !victim.mayBeDown(with: other) {
      try restart(other)
    }
    if victim == .slurmctldAlpha || victim == .slurmctldBeta {
      // It may be up and not yet able to answer: this waits until it does.
      try sluice.lab.control("start", Victim.slurmdbd.rawValue)
    }
    let pause = Double.random(in: 0.3...6, using: &random)
    note("kill \(victim.rawValue)")
    switch victim {
    case .sluiced: sluice.sluiced.kill()
    case .agentAlpha: sluice.agents[.alpha]?.kill()
    case .agentBeta: sluice.agents[.beta]?.kill()
    default: try sluice.lab.control("kill", victim.rawValue)
    }
    down[victim] = clock.now + pause
  }

  private mutating func wait(_ seconds: Double) throws {
    let end = clock.now + seconds
    while clock.now < end {
      for (victim, time) in down.sorted(by: { $0.value < $1.value }) where time <= clock.now {
        try restart(victim)
      }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  private mutating func restart(_ victim: Victim) throws {
    guard down[victim] != nil else { return }
    for other in victim.needs { try restart(other) }
    note("start \(victim.rawValue)")
    switch victim {
    case .sluiced: try sluice.sluiced.start()
    case .agentAlpha: try sluice.agents[.alpha]?.start()
    case .agentBeta: try sluice.agents[.beta]?.start()
    default: try sluice.lab.control("start", victim.rawValue)
    }
    down[victim] = nil
  }

  private mutating func note(_ what: String) {
    log.append("\((clock.now * 10).rounded() / 10) s: \(what)")
  }
}
