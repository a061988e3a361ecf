import Foundation

/// Submits jobs of known lengths one after the other, requeues and cancels some at random, and kills what submits,
/// runs, accounts and charges them in between. The seed decides all but what the machine makes of it.
struct ChargeStorm {
  private let sluice: SluiceLab
  private let accounts: [String]
  private var random: SeededGenerator
  /// What is killed next, round after round.
  private var victims: [Storm.Victim] = []
  private var jobs: [(cluster: Cluster, id: Int)] = []
  private(set) var counts: [String: Int] = [:]

  init(_ sluice: SluiceLab, accounts: [String], seed: UInt64) {
    self.sluice = sluice
    self.accounts = accounts
    random = SeededGenerator(seed: seed)
  }

  var log: String {
    counts.sorted { $0.key < $1.key }.map { "\($0.value) x \($0.key)" }.joined(separator: ", ")
  }

  /// Kills each part at least once.
  mutating func rage(jobs count: Int) throws {
    let kills = max(count / 20, 6)
    var nextKill = 0
    for number in 0..<count {
      try submit(number)
      try disturb()
      if (number + 1) * kills / count > nextKill {
        nextKill += 1
        try kill()
      }
    }
    while counts["slurmdbd killed"] == nil { try kill() }
  }

  private mutating func submit(_ number: Int) throws {
    let cluster: Cluster = Int.random(in: 0..<3, using: &random) == 0 ? .beta : .alpha
    let account = accounts.randomElement(using: &random) ?? ""
    let isArray = Int.random(in: 0..<8, using: &random) == 0
    let hasGPU = Int.random(in: 0..<4, using: &random) == 0
    let options =
      (isArray ? ["--array=0-3"] : []) + (hasGPU ? ["--gres=gpu:h100:1", "--mem=\(number % 50 + 1)M"] : [])
    let id = try sluice.lab.submit(
      cluster, account: account, user: Bool.random(using: &random) ? "alice" : "bob",
      cpus: Int.random(in: 1...4, using: &random), seconds: Double(Int.random(in: 1...5, using: &random)),
      options: options)
    jobs.append((cluster, id))
    note("submitted")
  }

  /// Requeues or cancels one of the last jobs, now and then.
  private mutating func disturb() throws {
    guard let job = jobs.suffix(12).randomElement(using: &random) else { return }
    switch Int.random(in: 0..<10, using: &random) {
    case 0, 1:
      if try run(["scontrol", "requeue", "\(job.id)"], job.cluster) {
        note("requeued")
        // A requeued job waits for two minutes, which changes nothing here.
        _ = try run(["scontrol", "update", "jobid=\(job.id)", "starttime=now"], job.cluster)
      }
    case 2: if try run(["scancel", "\(job.id)"], job.cluster) { note("cancelled") }
    default: break
    }
  }

  private func run(_ command: [String], _ cluster: Cluster) throws -> Bool {
    try Command.run(command, environment: ["SLURM_CONF": sluice.lab.slurmConf(cluster)]).status == 0
  }

  /// Never a slurmctld while slurmdbd is down: it would forget what it had still to tell.
  private mutating func kill() throws {
    if victims.isEmpty {
      victims = [.slurmdbd, .slurmctldAlpha, .slurmctldBeta, .sluiced, .agentAlpha, .agentBeta]
        .shuffled(using: &random)
    }
    let victim = victims.removeLast()
    note("\(victim.rawValue) killed")
    let pause = Double.random(in: 0.2...3, using: &random)
    switch victim {
    case .sluiced: try restart(sluice.sluiced, after: pause)
    case .agentAlpha: try sluice.agents[.alpha].map { try restart($0, after: pause) }
    case .agentBeta: try sluice.agents[.beta].map { try restart($0, after: pause) }
    default:
      try sluice.lab.control("kill", victim.rawValue)
      if victim == .slurmdbd { for number in 0..<5 { try submit(number) } }
      Thread.sleep(forTimeInterval: pause)
      try sluice.lab.control("start", victim.rawValue)
    }
  }

  private func restart(_ service: ServiceProcess, after pause: Double) throws {
    service.kill()
    Thread.sleep(forTimeInterval: pause)
    try service.start()
  }

  private mutating func note(_ what: String) { counts[what, default: 0] += 1 }
}
