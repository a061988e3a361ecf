internal import Glibc
internal import Model
internal import RPC
internal import Threads
internal import Transport
internal import Wire

/// What the hook in slurmctld costs, and the agent's answer to it, with 10,000 accounts known.
let hookCost = Measurement([
  Figure("admission.check.rate", "a second", .atLeast(50_000)),
  Figure("admission.check.ratio", "times a bare echo", .atMost(2)),
  Figure("admission.hook.p99", "ms", .atMost(1)),
  Figure("admission.submit.ratio", "times without", .atMost(1.1)),
]) {
  let lab = try Lab(options: ["--job-submit", "\(Lab.slurmConf)/job_submit.lua"])
  defer { lab.down() }
  let socket = "\(lab.folder)/agent-alpha/admission.sock"
  let agent = try AgentProcess(lab, cluster: "alpha", settings: "admission_socket: \(socket)")
  defer { agent.stop() }
  try tellRules(to: agent)
  let rate = try checkRate(at: socket)
  let ratio = try checkRatio(at: socket)
  let hook = try Hook(lab, socket: socket)
  let cost = try hook.cost()
  return [rate, ratio, try hook.quantileOfCalls(0.99), cost]
}

private let accounts = 10_000

private func tellRules(to agent: AgentProcess) throws {
  let client = try agent.connect()
  defer { client.close() }
  var sequence: Int64 = 0
  for first in stride(from: 0, to: accounts, by: AdmissionRules.mostAccounts) {
    sequence += 1
    let rules = try (first..<first + AdmissionRules.mostAccounts).map { number in
      AccountRule(
        account: try AccountName("a\(number)"),
        holders: [
          CapHolder(
            project: try ProjectName("p\(number)"),
            caps: [
              .cpu: Amount(units: 512), .memory: Amount(units: 2 << 40), .gpu: Amount(units: 16),
              try TRES("gres/gpu:h100"): Amount(units: 8),
            ])
        ])
    }
    _ = try client.call(
      "admission.apply", AdmissionRules(number: WriteNumber(term: 1, sequence: sequence), accounts: rules),
      as: AdmissionRulesResult.self, timeout: 60)
  }
}

/// As `job_submit.lua` asks.
private func question(_ account: Int) throws -> [UInt8] {
  Message.request(
    id: .integer(1), "admission.check",
    AdmissionRequest(
      account: "a\(account)", defaultAccount: "a1", user: "alice",
      partition: "batch",
      tres: [
        .cpu: Amount(units: 8), .memory: Amount(units: 8 << 30), .node: Amount(units: 1),
        .gpu: Amount(units: 2),
        try TRES("gres/gpu:h100"): Amount(units: 2), .runningJobs: Amount(units: 1),
        .submittedJobs: Amount(units: 1),
      ]))
}

private func check(_ client: LineClient, _ line: [UInt8]) throws {
  try client.send(line, timeout: 10)
  guard let answer = try client.receive(timeout: 10), answer.count < 100 else {
    throw NotMeasured("the agent did not allow it")
  }
}

/// Of 8 clients, each of which waits for one answer before it asks again.
private func checkRate(at socket: String) throws -> Double {
  let clients = 8
  let counts = BlockingQueue<Int>(capacity: clients)
  let length = 3.0
  let start = seconds()
  for number in 0..<clients {
    let lines = try (0..<256).map { try question((number * 997 + $0 * 37) % accounts) }
    let client = try LineClient.connect(path: socket, timeout: 10)
    startThread {
      var count = 0
      while seconds() - start < length, (try? check(client, lines[count % lines.count])) != nil { count += 1 }
      client.close()
      _ = counts.offer(count)
    }
  }
  var total = 0
  for _ in 0..<clients {
    guard let count = counts.take(atMost: 1, waiting: 30)?.first else {
      throw NotMeasured("a client did not end")
    }
    total += count
  }
  return Double(total) / (seconds() - start)
}

private func checkRatio(at socket: String) throws -> Double {
  let calls = 2000
  let line = try question(4711)
  let client = try LineClient.connect(path: socket, timeout: 10)
  defer { client.close() }
  // The answer that allows has some 60 bytes.
  let echo = try Echo(asked: line.count, answered: 64, in: .process)
  defer { echo.stop() }
  let p50 = try medians(
    rounds: 21,
    [
      (key: "echo", run: { try median(of: calls) { try echo.roundTrip(isSoon: false) } }),
      (key: "check", run: { try median(of: calls) { try check(client, line) } }),
    ])
  guard let bare = p50["echo"], let ours = p50["check"] else { throw NotMeasured("no round was run") }
  note("p50: a bare echo \(text(bare)) us, admission.check \(text(ours)) us")
  return ours / bare
}

/// alpha's slurmctld, with `job_submit.lua` and without.
private final class Hook {
  private let lab: Lab
  private var log: String { "\(lab.folder)/log/slurmctld-alpha.log" }
  private static let jobs = 50
  private static let rounds = 20

  init(_ lab: Lab, socket: String) throws {
    self.lab = lab
    try lab.slurm("alpha", ["sacctmgr", "-iQ", "add", "account", "a1", "cluster=alpha"])
    try lab.slurm("alpha", ["sacctmgr", "-iQ", "add", "user", "alice", "account=a1", "cluster=alpha"])
    let folder = "\(lab.folder)/etc/alpha"
    try run(["install", "-m", "644", "\(Lab.slurmConf)/job_submit.lua", "\(folder)/sluice.lua"])
    // Tells slurmctld's log how long each call takes.
    try write(
      """
      sluice = { socket = "\(socket)", fail_mode = "open" }
      dofile("\(folder)/sluice.lua")
      local clock, submit = require("socket"), slurm_job_submit
      function slurm_job_submit(job, partitions, uid)
        local start = clock.gettime()
        local result = submit(job, partitions, uid)
        slurm.log_info("took %d us", (clock.gettime() - start) * 1000000)
        return result
      end
      return slurm.SUCCESS

      """, to: "\(folder)/job_submit.lua")
  }

  func cost() throws -> Double {
    let seconds = try medians(
      rounds: Self.rounds,
      [
        (key: "without", run: { try self.submit(hooked: false) }),
        (key: "with", run: { try self.submit(hooked: true) }),
      ])
    guard let with = seconds["with"], let without = seconds["without"] else {
      throw NotMeasured("no round was run")
    }
    note("\(Self.jobs) submissions: \(text(without)) s without the hook, \(text(with)) s with it")
    return with / without
  }

  /// Of the calls in slurmctld, in ms.
  func quantileOfCalls(_ share: Double) throws -> Double {
    let calls = try textOfFile(log).split(separator: "\n").compactMap { line -> Double? in
      let words = line.split(separator: " ")
      guard words.count > 2, words.last == "us", words[words.count - 3] == "took" else { return nil }
      return Double(words[words.count - 2]).map { $0 / 1000 }
    }
    guard calls.count == Self.jobs * Self.rounds else {
      throw NotMeasured("the hook was called \(calls.count) times")
    }
    note("the hook's call in slurmctld: p50 \(text(quantile(0.5, of: calls))) ms")
    return quantile(share, of: calls)
  }

  /// Seconds that alice takes to submit them one after the other.
  private func submit(hooked: Bool) throws -> Double {
    let plugins = hooked ? "JobSubmitPlugins=lua" : "#JobSubmitPlugins=lua"
    try run(["sed", "-i", "s/^#*JobSubmitPlugins=.*/\(plugins)/", lab.slurmConf("alpha")])
    try lab.slurm("alpha", ["scontrol", "reconfigure"])
    defer { _ = try? lab.slurm("alpha", ["scancel", "-A", "a1"]) }
    let command =
      "sbatch -Q -H -A a1 -n8 --gres=gpu:h100:2 -D /tmp -o /dev/null --wrap true >/dev/null || exit 1"
    let start = seconds()
    try lab.slurm(
      "alpha",
      [
        "setpriv", "--reuid", "alice", "--regid", "alice", "--init-groups", "bash", "-c",
        "for ((i = 0; i < \(Self.jobs); i++)); do \(command); done",
      ])
    return seconds() - start
  }
}
