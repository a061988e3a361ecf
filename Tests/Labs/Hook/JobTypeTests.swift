import Foundation
import Testing

extension TimedSuite {
  /// Caps per job type, and what gives a job its type.
  @Suite(.serialized) struct JobTypeTests {
    let hook: HookLab

    init() throws {
      hook = try HookLab.shared.get()
      try Self.waysIn.get()
    }

    /// QOS and partitions that the agents' rules name.
    private static let waysIn = Result {
      let lab = try HookLab.shared.get().lab
      try lab.slurm(.alpha, ["sacctmgr", "-iQ", "add", "qos", "train,serve"])
      try lab.slurm(
        .alpha, ["sacctmgr", "-iQ", "modify", "account", "root", "set", "qos=normal,train,serve"])
      for cluster in Cluster.allCases {
        try lab.slurm(
          cluster, ["scontrol", "create", "PartitionName=train", "Nodes=ALL", "DefMemPerCPU=1000"])
      }
    }

    private func apply(_ project: String, training: Int) throws {
      try hook.sluice.apply(
        "projects:\n  - {name: \(project), limits: {cpu: 64}, jobs: {running: 100, training: \(training)}, "
          + "members: {alice: user}, clusters: {alpha: , beta: }}\n")
      try #require(waitUntil(seconds: 30) { hook.sluice.isOK(project) }, "\(hook.sluice.whatItSays)")
    }

    /// The licenses of a job, such as `matlab:1,training:1`.
    private func licenses(_ cluster: Cluster, _ job: String) throws -> [String] {
      let said = try hook.show(cluster, job).split(separator: " ").first { $0.hasPrefix("Licenses=") }
      return said?.dropFirst("Licenses=".count).split(separator: ",").map(String.init) ?? []
    }

    private func state(_ cluster: Cluster, _ job: Int) throws -> String {
      try hook.lab.slurm(cluster, ["squeue", "-h", "-j", "\(job)", "-o", "%T"]).lines.first ?? "gone"
    }

    @Test func aCapPerTypeHoldsOverBothClustersAndHoldsNothingElseBack() throws {
      let project = Lab.newName("types")
      try apply(project, training: 3)
      let ways = ["--qos=train", "--partition=train", "--comment=train:resnet"]
      for number in 0..<9 {
        try hook.lab.submit(
          Cluster.allCases[number % 2], account: project, seconds: 3, options: [ways[number % 3]])
      }
      try hook.lab.submit(.beta, account: project, seconds: 3, options: ["--qos=train", "--array=1-3"])
      for number in 0..<6 {
        try hook.lab.submit(Cluster.allCases[number % 2], account: project, seconds: 20)
      }
      var most = (training: 0, others: 0)
      let end = ContinuousClock.now + .seconds(240)
      var left = 18
      while left > 0, ContinuousClock.now < end {
        // As in `Sampler`: alpha before and after beta, and the lower counts. A job is told by what it says itself.
        let looks = try [Cluster.alpha, .beta, .alpha].map {
          try hook.lab.slurm($0, ["squeue", "-hr", "-A", project, "-o", "%T %q %P %k"]).lines
        }
        left = looks[1].count + looks[2].count
        let running = looks.map { $0.filter { $0.hasPrefix("RUNNING") } }
        let training = running.map { $0.count { $0.contains("train") } }
        most.training = max(most.training, min(training[0], training[2]) + training[1])
        let others = running.map { $0.count { !$0.contains("train") } }
        most.others = max(most.others, min(others[0], others[2]) + others[1])
      }
      #expect(left == 0)
      #expect(most.training == 3, "all that may run at once did, and no more")
      #expect(most.others == 6)
    }

    @Test(arguments: [
      (["--qos=train"], ["training:1"]), (["--qos=TRAIN"], ["training:1"]),
      (["--partition=batch,train"], ["training:1"]), (["--comment=train:\u{fc}ber"], ["training:1"]),
      (["--comment=untrained"], ["(null)"]), (["--qos=serve", "--partition=train"], ["training:1"]),
      (["--qos=serve", "-L", "matlab:2"], ["matlab:2", "inference:1"]),
      (["--qos=train", "-L", "training:4611686018427387904"], ["training:1"]),
      (["-L", "training:5"], ["(null)"]), (["-L", "matlab,training=5"], ["matlab"]),
      (["--qos=train", "-L", "training:0,inference"], ["training:1"]),
      (["-L", "workflow"], ["workflow"]),
    ])
    func aJobHasTheLicenseOfItsTypeAndOfNoOther(_ options: [String], _ expected: [String]) throws {
      let job = try hook.submit(.beta, options)
      #expect(try licenses(.beta, job) == expected)
    }

    @Test func aJobOfPartitionsOfDifferentTypesIsDeniedInWords() throws {
      let result = try hook.sbatch(.beta, ["--qos=serve", "--partition=batch,train"])
      #expect(result.status != 0 && result.errors.contains("name one partition"), "\(result.errors)")
      let job = try hook.submit(.beta, ["--qos=serve", "--partition=train"])
      let refused = try hook.update(.beta, job, "Partition=batch,train")
      #expect(refused.status != 0 && refused.errors.contains("policy"), "\(refused.errors)")
      #expect(try licenses(.beta, job) == ["training:1"])
    }

    @Test func eachPartOfAHetJobHasATypeOfItsOwn() throws {
      let said = ["--account=\(hook.account)", "-n1"]
      let result = try hook.sbatch(
        .beta, ["--qos=train"], parts: [":"] + said + ["--qos=normal", ":"] + said + ["--qos=serve"])
      let job = try #require(result.lines.first, "\(result.errors)")
      let parts = try hook.lab.slurm(.beta, ["squeue", "-h", "-j", job, "-o", "%i %W"]).lines.sorted()
      #expect(parts == ["\(job)+0 training:1", "\(job)+1 (null)", "\(job)+2 inference:1"])
    }

    @Test func aPendingJobThatIsChangedChangesItsType() throws {
      let job = try hook.submit(.beta, ["-L", "matlab:1"])
      for (change, expected) in [
        ("QOS=train", ["matlab:1", "training:1"]), ("QOS=serve", ["matlab:1", "inference:1"]),
        ("Licenses=", ["inference:1"]), ("Licenses=training:1", ["inference:1"]),
        ("Licenses=inference:9,matlab:2", ["matlab:2", "inference:1"]),
        ("Comment=train:it", ["matlab:2", "training:1"]),
        ("Comment=", ["matlab:2", "inference:1"]), ("Licenses=inference:0", ["inference:1"]),
        ("QOS=normal", ["inference:0"]), ("TimeLimit=5", ["inference:0"]),
        ("Partition=train", ["training:1"]), ("Partition=batch", ["training:0"]),
      ] {
        let result = try hook.update(.beta, job, change)
        #expect(result.status == 0, "\(change): \(result.errors)")
        #expect(try licenses(.beta, job) == expected, "\(change)")
      }
    }

    @Test func aRunningJobKeepsItsType() throws {
      let project = Lab.newName("types")
      try apply(project, training: 1)
      let options = ["--qos=train", "-L", "matlab:1"]
      let first = try hook.lab.submit(.beta, account: project, seconds: 600, options: options)
      let second = try hook.lab.submit(.beta, account: project, seconds: 600, options: options)
      defer { try? hook.lab.cancelAll(account: project) }
      try #require(try waitUntil(seconds: 60) { try state(.beta, first) == "RUNNING" })
      for change in ["Licenses=", "Licenses=training:0", "Licenses=matlab:1", "QOS=normal", "Comment=serve"] {
        _ = try hook.update(.beta, "\(first)", change)
        #expect(try licenses(.beta, "\(first)") == ["matlab:1", "training:1"], "\(change)")
      }
      #expect(try state(.beta, second) == "PENDING")
      try hook.lab.slurm(.beta, ["scancel", "\(first)"])
      try #require(try waitUntil(seconds: 60) { try state(.beta, second) == "RUNNING" })
    }

    @Test func aJobCountsAsWhatItIsWhenItStarts() throws {
      let project = Lab.newName("types")
      try apply(project, training: 1)
      let held = ["--hold"]
      let changed = try hook.lab.submit(
        .alpha, account: project, seconds: 600, options: held + ["--qos=train"])
      let training = try hook.lab.submit(.alpha, account: project, seconds: 600, options: held)
      let waiting = try hook.lab.submit(.alpha, account: project, seconds: 600, options: held)
      defer { try? hook.lab.cancelAll(account: project) }
      for (job, change) in [(changed, "QOS=serve"), (training, "QOS=train"), (waiting, "Comment=train:too")] {
        #expect(try hook.update(.alpha, "\(job)", change).status == 0)
      }
      for job in [changed, training, waiting] {
        try hook.lab.slurm(.alpha, ["scontrol", "release", "\(job)"], as: "alice")
        guard job != waiting else { continue }
        try #require(
          try waitUntil(seconds: 60) { try state(.alpha, job) == "RUNNING" }, "\(hook.sluice.whatItSays)")
      }
      let reason = {
        try hook.lab.slurm(.alpha, ["squeue", "-h", "-j", "\(waiting)", "-o", "%r"]).lines.first
      }
      #expect(try waitUntil(seconds: 60) { try reason() == "AssocGrpLicense" })
    }

    @Test func aTypeOfWhichNoneMayRunIsDeniedInWords() throws {
      let project = Lab.newName("types")
      try apply(project, training: 0)
      let sentence = "project \(project) may run 0 training jobs at once over all clusters; this job is one"
      func sbatch(_ options: [String]) throws -> CommandResult {
        try hook.sbatch(.alpha, ["--account=\(project)"] + options, saysAccount: false)
      }
      #expect(
        try waitUntil(seconds: 20) { try sbatch(["--test-only", "--qos=train"]).errors.contains(sentence) })
      let job = try #require(try sbatch([]).lines.first)
      let refused = try hook.update(.alpha, job, "QOS=train")
      #expect(refused.status != 0 && refused.errors.contains("policy"), "\(refused.errors)")
    }

    @Test func aTypeThatNoRuleGivesIsUnenforced() throws {
      let project = Lab.newName("types")
      let file = "\(hook.sluice.folder)/\(project).yaml"
      let yaml =
        "projects:\n  - {name: \(project), limits: {cpu: 8}, jobs: {workflow: 5}, clusters: {alpha: , beta: }}\n"
      try yaml.write(toFile: file, atomically: true, encoding: .utf8)
      let refused = try hook.sluice.run(["plan", "-f", file])
      let reason = "its agent has no rule that says which jobs are workflow"
      #expect(refused.output.contains("alpha: \(reason)") && refused.output.contains("beta: \(reason)"))
      #expect(try hook.sluice.run(["apply", "-f", file, "--accept-unenforced"]).status == 0)
      let isSaid = waitUntil(seconds: 30) {
        let quota = try? hook.sluice.sluice(["quota", "show", project]) as? [String: Any]
        return quota?["state"] as? String == "unenforced"
      }
      #expect(isSaid, "\(hook.sluice.whatItSays)")
      #expect(try hook.sluice.run(["status"]).output.contains("job_types"))
    }

    @Test func aCapPerTypeWithoutTheHookIsUnenforced() throws {
      let lab = try Lab.shared.get()
      let project = Lab.newName("types")
      let sluice = try SluiceLab(lab, name: project)
      defer { sluice.stop() }
      try sluice.start()
      try sluice.apply(
        "projects:\n  - {name: \(project), limits: {cpu: 8}, jobs: {training: 5}, clusters: {alpha: , beta: }}\n",
        options: ["--accept-unenforced"])
      let reason = "alpha: JobSubmitPlugins in slurm.conf has no lua"
      let isSaid = waitUntil(seconds: 30) {
        ((try? sluice.run(["quota", "show", project]))?.output ?? "").contains(reason)
      }
      #expect(isSaid, "\(sluice.whatItSays)")
      #expect(try lab.storedLimit(account: project, .alpha).contains("license/training="))
    }
  }
}
