internal import Glibc

/// A raised cap, from the command to slurmctld and to a job that waited for it, at Slurm's own scheduling intervals.
let quotaSet = Measurement([
  Figure("quota.set.confirmed", "times sacctmgr modify", .atMost(1.5)),
  Figure("quota.set.running", "s", .atMost(1)),
]) {
  let lab = try Lab()
  defer { lab.down() }
  let sluice = try Sluice(lab)
  defer { sluice.stop() }
  let program = try lab.build("await")
  try lab.slurm("alpha", ["sacctmgr", "-iQ", "add", "account", "plain", "cluster=alpha"])
  try sluice.sluice([
    "project", "set", "raised", "--limit", "cpu=1", "--cluster", "alpha", "--member", "alice=user",
  ])
  let isThere = waitUntil(seconds: 30) {
    ((try? sluice.sluice(["quota", "list", "-nP"])) ?? "").hasPrefix("raised|ok|")
  }
  guard isThere else { throw NotMeasured("the project is not ok after 30 s") }
  var limit = 10
  let rounds = 7
  let middle = try medians(
    rounds: rounds,
    [
      (
        key: "sacctmgr",
        run: {
          limit += 1
          let start = seconds()
          try lab.slurm(
            "alpha", ["sacctmgr", "-iQ", "modify", "account", "plain", "set", "GrpTRES=cpu=\(limit)"])
          return seconds() - start
        }
      ),
      (
        key: "sluice",
        run: {
          limit += 1
          let watch = try Watch(lab, [program, "limit", "raised", "1=\(limit)"])
          let start = seconds()
          try sluice.sluice(["project", "set", "raised", "--limit", "cpu=\(limit)"])
          return try watch.moment() - start
        }
      ),
      (
        key: "running",
        run: {
          try sluice.sluice(["project", "set", "raised", "--limit", "cpu=1"])
          let job = try waitingJob(lab, account: "raised", phase: Double(limit % rounds) / Double(rounds))
          defer { _ = try? lab.slurm("alpha", ["scancel", job]) }
          let watch = try Watch(lab, [program, "running", job])
          let start = seconds()
          try sluice.sluice(["project", "set", "raised", "--limit", "cpu=8"])
          return try watch.moment() - start
        }
      ),
    ])
  guard let bare = middle["sacctmgr"], let ours = middle["sluice"], let running = middle["running"] else {
    throw NotMeasured("no round was run")
  }
  note(
    "sacctmgr modify: \(text(bare * 1000)) ms; from project set to the limit at slurmctld: \(text(ours * 1000)) ms"
  )
  return [ours / bare, running]
}

/// A job of 8 CPUs that waits for the limit of its account. slurmctld looks for work once a second, and tells at such a
/// moment that the job waits; `phase`, from 0 to 1, spreads the rounds over that second.
private func waitingJob(_ lab: Lab, account: String, phase: Double) throws -> String {
  let words = ["setpriv", "--reuid", "alice", "--regid", "alice", "--init-groups", "sbatch", "--parsable"]
  let job = try lab.slurm(
    "alpha",
    words + ["-A", account, "-n", "8", "-t", "5", "-D", "/tmp", "-o", "/dev/null", "--wrap", "sleep 60"]
  ).filter(\.isNumber)
  let waits = try waitUntil(seconds: 90) {
    try lab.slurm("alpha", ["squeue", "-h", "-j", job, "-o", "%r"]).hasPrefix("AssocGrpCpuLimit")
  }
  guard waits else { throw NotMeasured("job \(job) does not wait for its limit") }
  // slurmctld makes no pass within 3 s of the one before (batch_sched_delay), and the agent looks for a job to wake
  // for 5 s after the raise before: both are over when this job is released.
  usleep(UInt32((8 + phase) * 1e6))
  return job
}

func seconds() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// `await` at work, in a process of its own.
private final class Watch {
  private let child: Child
  private let output: Int32

  init(_ lab: Lab, _ words: [String]) throws {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0 else { throw NotMeasured("there is no pipe: error \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { _ = close(ends[1]) }
    output = ends[0]
    child = try Child(words, environment: ["SLURM_CONF": lab.slurmConf("alpha")], output: ends[1])
    guard line() == "ready" else { throw NotMeasured("\(words) did not begin") }
  }

  func moment() throws -> Double {
    let text = line()
    guard child.wait() == 0, let moment = Double(text) else { throw NotMeasured("slurmctld never showed it") }
    return moment
  }

  private func line() -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while unsafe read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
    return String(decoding: bytes, as: UTF8.self)
  }

  deinit { _ = close(output) }
}
