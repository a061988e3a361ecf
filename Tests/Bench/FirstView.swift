internal import Glibc
internal import Model
internal import RPC
internal import Wire

/// An agent of a cluster with 20,000 associations and 20,000 jobs: what its first view and its polls cost.
let largeCluster = Measurement([
  Figure("agent.first_view.cpu", "times a bare C program", .atMost(1.3)),
  Figure("agent.first_view.memory", "times a bare C program", .atMost(1.5)),
  Figure("agent.poll.cpu", "ms", .atMost(5)),
]) {
  let lab = try Lab()
  defer { lab.down() }
  try lab.fill()
  let accounts = try (1...20).map { try AccountName("bench\($0)") }
  let bare = try lab.build("first-view")
  var samples: [String: [Double]] = [:]
  for _ in 0..<7 {
    let words = try lab.slurm("alpha", [bare] + accounts.map(\.text)).split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let seconds = Double(words[0]), let memory = Double(words[1]) else {
      throw NotMeasured("first-view printed \(words)")
    }
    samples["bare cpu", default: []].append(seconds)
    samples["bare memory", default: []].append(memory)
    let agent = try AgentProcess(lab, cluster: "alpha")
    defer { agent.stop() }
    let cost = try firstView(of: agent, accounts)
    samples["cpu", default: []].append(cost.seconds)
    samples["memory", default: []].append(cost.memory)
  }
  let middle = samples.mapValues { quantile(0.5, of: $0) }
  guard let cpu = middle["cpu"], let bareCPU = middle["bare cpu"], let memory = middle["memory"],
    let bareMemory = middle["bare memory"]
  else { throw NotMeasured("no round was run") }
  note("first view: \(text(cpu * 1000)) ms of CPU and \(text(memory / 1024)) MiB")
  note("the same calls in C: \(text(bareCPU * 1000)) ms and \(text(bareMemory / 1024)) MiB")
  return [cpu / bareCPU, memory / bareMemory, try poll(lab, accounts)]
}

/// From the agent's start to a settled view of all accounts on its socket, with the child that tries the configuration.
private func firstView(
  of agent: AgentProcess, _ accounts: [AccountName]
) throws -> (seconds: Double, memory: Double) {
  let client = try agent.connect()
  defer { client.close() }
  var view: UsageView?
  // The agent itself waits 5 s before it answers with what there is.
  for _ in 0..<6 {
    let new = try client.call(
      "usage.watch", UsageRequest(accounts: accounts), as: UsageView.self, timeout: 60)
    view = new
    if new.accounts.count == accounts.count { break }
  }
  let cost = (seconds: try agent.child.cpuSeconds(), memory: try agent.child.memory("VmHWM"))
  guard let view, view.settled, view.accounts.count == accounts.count, view.accounts.allSatisfy(\.exists)
  else {
    throw NotMeasured("there is no whole view after 30 s: \(agent.log)")
  }
  return cost
}

/// Of all that the agent does between two readings of the limits, two seconds apart, while nothing changes.
private func poll(_ lab: Lab, _ accounts: [AccountName]) throws -> Double {
  let agent = try AgentProcess(lab, cluster: "alpha")
  defer { agent.stop() }
  let client = try agent.connect()
  defer { client.close() }
  _ = try client.call("usage.watch", UsageRequest(accounts: accounts), as: UsageView.self, timeout: 60)
  note("watching the agent poll")
  sleep(10)
  var samples: [Double] = []
  for _ in 0..<20 {
    let before = try agent.child.cpuSeconds()
    sleep(2)
    samples.append((try agent.child.cpuSeconds() - before) * 1000)
  }
  note("ms of CPU in each 2 s: \(samples.map(text).joined(separator: " "))")
  return quantile(0.5, of: samples)
}
