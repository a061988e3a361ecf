import Foundation
import Testing

extension TimedSuite {
  @Suite(.serialized) struct LabTimeTests {
    @Test func isUpInSecondsAndRunsAJob() throws {
      let lab = try Lab.shared.get()
      #expect(lab.secondsToStart < 15)
      let account = try lab.newAccount()
      for cluster in Cluster.allCases {
        let id = try lab.submit(cluster, account: account, cpus: 2, seconds: 60)
        #expect(
          try waitUntil(seconds: 30) {
            try lab.jobs(cluster, account: account)
              == [LabJob(line: "\(id)|RUNNING|2|None")].compactMap(\.self)
          })
      }
      try lab.cancelAll(account: account)
    }
  }
}

extension LabSuite {
  /// The lab itself.
  @Suite(.serialized) struct LabTests {
    @Test func anotherLabLivesBesideIt() throws {
      let lab = try Lab.shared.get()
      let other = try Lab(options: ["--scheduling", "fast"])
      defer { other.down() }
      let account = try other.newAccount()
      try other.submit(.alpha, account: account, seconds: 60)
      #expect(
        try waitUntil(seconds: 30) { try other.jobs(.alpha, account: account).first?.state == "RUNNING" })
      #expect(try lab.jobs(.alpha, account: account) == [])
      try other.up()
      let pid = try #require(try lab.pid(of: "slurmctld-alpha"))
      other.down()
      #expect(!FileManager.default.fileExists(atPath: other.folder))
      #expect(try lab.pid(of: "slurmctld-alpha") == pid)
    }

    @Test func aNativeLimitHolds() throws {
      let lab = try Lab.shared.get()
      let account = try lab.newAccount(limit: "cpu=4")
      #expect(try lab.storedLimit(account: account, .alpha) == "cpu=4")
      for cluster in Cluster.allCases {
        for user in ["alice", "bob", "alice"] {
          try lab.submit(cluster, account: account, user: user, cpus: 2, seconds: 60)
        }
      }
      let sampler = Sampler(lab, account: account)
      // Four on each cluster: two clusters with a native limit each don't know of one another.
      #expect(waitUntil(seconds: 30) { sampler.samples.contains { $0.used == 8 && $0.waitsOnBoth } })
      let samples = sampler.stop()
      #expect(Utilization.peak(samples) == 8)
      #expect(sampler.failures == 0)
      #expect(try lab.jobs(.beta, account: account).contains { $0.reason == "AssocGrpCpuLimit" })
      try lab.cancelAll(account: account)
    }

    @Test func aDaemonIsKilledAndStartsAgain() throws {
      let lab = try Lab.shared.get()
      let account = try lab.newAccount()
      try lab.submit(.alpha, account: account, seconds: 60)
      #expect(try waitUntil(seconds: 30) { try lab.jobs(.alpha, account: account).first?.state == "RUNNING" })
      // Slurm keeps what it knew some seconds ago; a clean stop makes it write that down.
      try lab.control("term", "slurmctld-alpha")
      try lab.control("start", "slurmctld-alpha")
      let first = try #require(try lab.pid(of: "slurmctld-alpha"))
      try lab.control("kill", "slurmctld-alpha")
      #expect(try lab.pid(of: "slurmctld-alpha") == nil)
      #expect(!isRunning(first))
      try lab.control("start", "slurmctld-alpha")
      #expect(try lab.pid(of: "slurmctld-alpha") != first)
      #expect(try waitUntil(seconds: 30) { try lab.jobs(.alpha, account: account).count == 1 })
      try lab.cancelAll(account: account)
    }
  }
}
