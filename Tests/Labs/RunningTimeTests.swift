import Foundation
import Testing

extension LabSuite {
  /// What the agent tells of running jobs' times, against squeue.
  @Suite(.serialized) struct RunningTimeTests {
    private struct Times: Equatable {
      let base: Int
      let started: Double
      let ending: Double

      /// Of CPUs, from lines of `squeue -o '%S|%l|%C'`.
      init?(lines: [String]) {
        let jobs = lines.compactMap { line -> (start: Int, end: Int, cpus: Int)? in
          let fields = line.split(separator: "|").map(String.init)
          guard fields.count == 3, let start = Int(fields[0]), let cpus = Int(fields[2]) else { return nil }
          return (start, start + Self.seconds(fields[1]), cpus)
        }
        guard jobs.count == lines.count, let base = jobs.map(\.start).min() else { return nil }
        self.base = base
        started = Self.hours(jobs.reduce(0) { $0 + $1.cpus * ($1.start - base) }, rounding: 0)
        ending = Self.hours(jobs.reduce(0) { $0 + $1.cpus * ($1.end - base) }, rounding: 3599)
      }

      init?(row: [String: Any]) {
        guard let running = row["running"] as? [String: Any], let base = running["base"] as? Int,
          let started = (running["started"] as? [String: Double])?["cpu"],
          let ending = (running["ending"] as? [String: Double])?["cpu"]
        else { return nil }
        self.base = base
        self.started = started
        self.ending = ending
      }

      /// Thousandths of a CPU-hour, from CPU-seconds.
      private static func hours(_ seconds: Int, rounding: Int) -> Double {
        Double((seconds * 1000 + rounding) / 3600) / 1000
      }

      /// Such as `1-02:30:00`, `2:30:00` or `5:00`.
      private static func seconds(_ text: String) -> Int {
        let parts = text.split(separator: "-")
        let clock = (parts.last ?? "").split(separator: ":").reduce(0) { $0 * 60 + (Int($1) ?? 0) }
        return clock + (parts.count == 2 ? (Int(parts[0]) ?? 0) * 86_400 : 0)
      }
    }

    /// The account's row of `usage.get` of alpha's agent.
    private func row(_ grant: Grant) throws -> [String: Any] {
      let request =
        #"{"jsonrpc":"2.0","id":1,"method":"usage.get","params":{"accounts":[""# + grant.account + #""]}}"#
      let answer = try Command.succeed([
        "sh", "-c", #"echo "$1" | socat -t 10 - "UNIX-CONNECT:$2""#, "ask", request,
        "\(grant.sluice.folder)/alpha/agent.sock",
      ])
      let object = try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any]
      let accounts = (object?["result"] as? [String: Any])?["accounts"] as? [[String: Any]]
      return try #require(accounts?.first)
    }

    private func shown(_ grant: Grant) throws -> Times? {
      Times(
        lines: try grant.lab.slurm(
          .alpha,
          [
            "env", "SLURM_TIME_FORMAT=%s", "squeue", "-hr", "-t", "RUNNING", "-A", grant.account, "-o",
            "%S|%l|%C",
          ]
        ).lines)
    }

    @Test func whatIsToldIsWhatSqueueShowsAndChangesWithTheJobsAlone() throws {
      let grant = try Grant(cpu: 16, on: try Lab.quick.get())
      defer { grant.end() }
      #expect(try row(grant)["running"] == nil, "nothing runs")
      func agrees(_ jobs: Int) throws -> Bool {
        try waitUntil(seconds: 40) {
          let times = try shown(grant)
          return try grant.running(.alpha) == jobs && times != nil && times == Times(row: try row(grant))
        }
      }
      let first = try grant.lab.submit(
        .alpha, account: grant.account, cpus: 3, seconds: 600, options: ["-t", "90"])
      #expect(try agrees(3))
      try grant.lab.submit(.alpha, account: grant.account, seconds: 600, options: ["-a", "0-3", "-t", "2-3"])
      #expect(try agrees(7))
      let before = try row(grant)
      try grant.lab.slurm(.alpha, ["scontrol", "update", "jobid=\(first)", "TimeLimit=30"])
      #expect(try agrees(7), "a limit was changed")
      let after = try row(grant)
      #expect(after as NSDictionary != before as NSDictionary)
      Thread.sleep(forTimeInterval: 3)
      #expect(try row(grant) as NSDictionary == after as NSDictionary, "time alone changes nothing")
      try grant.lab.slurm(.alpha, ["scancel", "\(first)"])
      #expect(try agrees(4), "the earliest has ended")
    }
  }
}
