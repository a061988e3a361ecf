import Foundation
import Testing

extension TimedSuite {
  /// `job_submit.lua` in a real slurmctld, asked by an ordinary user.
  @Suite(.serialized) struct HookTests {
    let hook: HookLab

    init() throws { hook = try HookLab.shared.get() }

    private func sentence(_ most: String, _ asked: String) -> String {
      "project \(hook.account) may use \(most) at once over all clusters; this job asks for \(asked)"
    }

    private func expectDenied(
      _ options: [String], _ sentence: String, on cluster: Cluster = .beta, parts: [String] = []
    ) throws {
      let result = try hook.sbatch(cluster, options, parts: parts)
      #expect(result.status != 0, "\(options)")
      #expect(result.errors.contains(sentence), "\(options): \(result.errors)")
    }

    @Test func aJobThatCanNeverRunIsDeniedInWords() throws {
      try expectDenied(["-n17"], sentence("16 cpu", "17 cpu"))
      let id = try hook.submit(.beta, ["-n16"])
      #expect(try hook.show(.beta, id).contains("JobState=PENDING"))
    }

    @Test func aTestOfAJobIsAnsweredAndLeavesNoJob() throws {
      let before = try hook.lab.jobs(.beta, account: hook.account)
      try expectDenied(["--test-only", "-n17"], sentence("16 cpu", "17 cpu"))
      for _ in 0..<3 { #expect(try hook.sbatch(.beta, ["--test-only", "-n16"]).status == 0) }
      #expect(try hook.lab.jobs(.beta, account: hook.account) == before)
    }

    @Test(arguments: [
      (["-N2", "--ntasks-per-node=9"], "16 cpu", "18 cpu"),
      (["-n17", "--ntasks-per-node=10"], "16 cpu", "17 cpu"),
      (["-n6", "-c3"], "16 cpu", "18 cpu"),
      (["--mincpus=9", "-N2"], "16 cpu", "18 cpu"), (["-N3"], "2 node", "3 node"),
      (["--mem=65G"], "64G mem", "65G mem"), (["-N2", "--mem=33G"], "64G mem", "66G mem"),
      (["-n16", "--mem-per-cpu=5G"], "64G mem", "80G mem"), (["--gres=gpu:7"], "6 gres/gpu", "7 gres/gpu"),
      (["-N2", "--gres=gpu:h100:3"], "4 gres/gpu:h100", "6 gres/gpu:h100"),
      (["--gpus=h100:5"], "4 gres/gpu:h100", "5 gres/gpu:h100"),
      (["-N2", "--gpus-per-node=h100:3"], "4 gres/gpu:h100", "6 gres/gpu:h100"),
      (["-n3", "--gpus-per-task=h100:2"], "4 gres/gpu:h100", "6 gres/gpu:h100"),
      (["-N1", "--sockets-per-node=2", "--gpus-per-socket=h100:3"], "4 gres/gpu:h100", "6 gres/gpu:h100"),
      (["-n10", "--ntasks-per-gpu=2"], "4 gres/gpu:h100", "5 gres/gpu:h100"),
      (["--gpus=h100:4", "--cpus-per-gpu=5"], "16 cpu", "20 cpu"),
      (["--gpus=h100:4", "--mem-per-gpu=20G"], "64G mem", "80G mem"),
      (["--licenses=matlab:4"], "3 license/matlab", "4 license/matlab"),
      (["-n3", "--ntasks-per-node=1"], "2 node", "3 node"),
      (["--exclusive"], "16 cpu and 6 gres/gpu and 4 gres/gpu:h100", "at least 64 cpu and 8 gres/gpu"),
      (["--exclusive", "-N2", "--mem=1G"], "16 cpu", "at least 128 cpu"),
      (["--mem=0"], "64G mem", "would give it at least 500G mem"),
      (["--mem=0", "-N2"], "64G mem", "would give it at least 1000G mem"),
      (["--mem-per-cpu=0"], "64G mem", "would give it at least 500G mem"),
    ])
    func whatAJobAsksForIsCounted(_ options: [String], _ most: String, _ asked: String) throws {
      let result = try hook.sbatch(.beta, options)
      #expect(result.status != 0, "\(options)")
      #expect(result.errors.contains(most) && result.errors.contains(asked), "\(options): \(result.errors)")
    }

    @Test(arguments: [
      ["-N2", "--ntasks-per-node=8"], ["-n11", "--ntasks-per-node=10"],
      ["-N2", "-n11", "--ntasks-per-node=10"],
      ["-n8", "-c2", "--mem-per-cpu=4G"], ["-N2", "--mem=32G"],
      ["--gpus=h100:4", "--cpus-per-gpu=4", "--mem-per-gpu=16G"], ["-N2", "--gres=gpu:h100:2"],
      ["-n8", "--ntasks-per-gpu=2"], ["-n2", "--gpus-per-task=h100:2"], ["--array=1-20", "-n16"],
      ["--licenses=matlab:3"], ["--exclusive=user"], ["--overcommit", "-n20"],
    ])
    func aJobThatFitsIsLetIn(_ options: [String]) throws { _ = try hook.submit(.beta, options) }

    /// Slurm takes a partition that is named twice once, and a count of licenses as what is left of it in 32 bits.
    @Test func aUserCantMakeTheCheckUnreadable() throws {
      let mark = try hook.complaintCount(.beta)
      let batches = [String](repeating: "batch", count: 15_000).joined(separator: ",")
      let names = (0..<15_000).map { "p\($0)" }.joined(separator: ",")
      try expectDenied(["-n17", "-p", batches], sentence("16 cpu", "17 cpu"))
      try expectDenied(["-n17", "-p", names], "can't read what this job asks for: its names are too long")
      try expectDenied(["-n17", "-L", "matlab:4611686018427387904"], "may use 16 cpu and 3 license/matlab")
      #expect(try hook.complaints(.beta, after: mark) == [])
    }

    @Test func aPartitionMayGiveItsNodesWholeToEveryJob() throws {
      func share(_ how: String) throws {
        try hook.lab.slurm(.beta, ["scontrol", "update", "partitionname=batch", "oversubscribe=\(how)"])
      }
      try share("exclusive")
      defer { #expect(throws: Never.self) { try share("no") } }
      try expectDenied(["-n1"], "would give it at least 64 cpu")
      try expectDenied(["-n1", "--exclusive=user"], "would give it at least 64 cpu")
    }

    @Test func ofAnArrayOneTaskMustFit() throws {
      try expectDenied(["--array=1-2", "-n17"], sentence("16 cpu", "17 cpu"))
      try expectDenied(["--array=0-998,1001-1003%4"], sentence("1000 jobs/submitted", "1002 jobs/submitted"))
      #expect(try hook.sbatch(.beta, ["--test-only", "--array=0-198:2"]).status == 0, "100 tasks")
    }

    @Test func aJobThatSaysNoAccountIsGivenOneByRule() throws {
      for (cluster, account) in [(Cluster.alpha, hook.plain), (.beta, hook.account)] {
        let result = try hook.sbatch(cluster, ["-n2"], saysAccount: false)
        let id = try #require(result.lines.first, "\(result.errors)")
        #expect(try hook.show(cluster, id).contains("Account=\(account) "))
      }
      #expect(try hook.sbatch(.beta, ["-n17"], saysAccount: false).status != 0)
      #expect(try hook.sbatch(.alpha, ["-n17"], saysAccount: false).status == 0, "Sluice doesn't know it")
    }

    @Test func eachPartOfAHetJobMustFit() throws {
      #expect(try hook.sbatch(.beta, ["-n8"], parts: [":", "--account=\(hook.account)", "-n8"]).status == 0)
      try expectDenied(
        ["-n8"], "1: " + sentence("16 cpu", "17 cpu"), parts: [":", "--account=\(hook.account)", "-n17"])
    }

    @Test func aPendingJobCantBeChangedIntoOneThatNeverRuns() throws {
      let id = try hook.submit(.beta, ["-n8", "--mem-per-cpu=1G", "--gres=gpu:h100:1"])
      for change in [
        "NumCPUs=17", "NumTasks=17", "NumNodes=3", "MinMemoryCPU=9000", "MinMemoryNode=66000",
        "Gres=gpu:h100:5",
      ] {
        let refused = try hook.update(.beta, id, change)
        #expect(refused.status != 0 && refused.errors.contains("policy"), "\(change): \(refused.errors)")
      }
      for change in ["NumCPUs=12", "Gres=gpu:h100:2", "TimeLimit=5", "Comment=mine", "MinMemoryCPU=2000"] {
        let allowed = try hook.update(.beta, id, change)
        #expect(allowed.status == 0, "\(change): \(allowed.errors)")
      }
      #expect(try hook.show(.beta, id).contains("cpu=12,mem=24000M"))
    }

    @Test func gpusWithoutATypeAreRefusedWhereNoTypeIsUsual() throws {
      try expectDenied(["--gres=gpu:2"], "must say which type of gpu they ask for", on: .alpha)
      _ = try hook.submit(.alpha, ["--gres=gpu:h100:2"])
    }

    @Test func gpusWithoutATypeBecomeTheUsualType() throws {
      for (options, written) in [
        (["--gres=gpu:2"], "TresPerNode=gres:gpu:h100:2"), (["--gpus=3"], "TresPerJob=gres:gpu:h100:3"),
        (["-n2", "--gpus-per-task=1"], "TresPerTask=gres:gpu:h100:1"),
        (["-n4", "--ntasks-per-gpu=2"], "TresPerJob=gres:gpu:h100:2"),
      ] {
        let id = try hook.submit(.beta, options)
        #expect(try hook.show(.beta, id).contains(written), "\(options)")
      }
      try expectDenied(["--gres=gpu:5"], "this job asks for 5 gres/gpu:h100")
    }

    @Test func anotherUserCantReachTheSocket() throws {
      let socket = hook.socket(.alpha)
      let attributes = try FileManager.default.attributesOfItem(atPath: socket)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(attributes[.ownerAccountName] as? String == "slurm")
      let refused = try Command.run(
        Command.asUser("alice", ["socat", "-t", "5", "-", "UNIX-CONNECT:\(socket)"]))
      #expect(refused.status != 0)
      #expect(refused.errors.contains("Permission denied"))
    }

    @Test func reconfigurationKeepsTheHook() throws {
      let pid = try hook.lab.pid(of: "slurmctld-beta")
      for _ in 0..<3 {
        try hook.lab.slurm(.beta, ["scontrol", "reconfigure"])
        try expectDenied(["-n17"], sentence("16 cpu", "17 cpu"))
      }
      #expect(try hook.lab.pid(of: "slurmctld-beta") == pid)
    }
  }
}
