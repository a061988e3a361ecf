import Model
import Wire

/// One well-filled value of each type that travels.
enum Samples {
  static func name<Tag>(_ text: String) -> Name<Tag> {
    guard let name = try? Name<Tag>(text) else { preconditionFailure("'\(text)' is no name") }
    return name
  }

  static func gres(_ text: String) -> TRES {
    guard let tres = try? TRES(text) else { preconditionFailure("'\(text)' is no TRES") }
    return tres
  }

  static let amounts: TRESAmounts = [
    .cpu: Amount(milli: 1500), .memory: Amount(units: 1 << 40), gres("gres/gpu:a100_80GB"): Amount(units: 4),
  ]
  static let time = Timestamp(milliseconds: 1_790_000_000_250)

  static let hello = AgentHello(
    cluster: name("alpha"), kind: "slurm", agentVersion: "0.1.0", clusterVersion: "22.05.8",
    libraryVersion: "22.05.8", bootTime: time, capabilities: ["limits"],
    voids: [LimitVoid(kind: .untypedRequests, account: name("genomics"), tres: .gpu, reason: "a reason")],
    problems: [], lastWrite: WriteNumber(term: 3, sequence: 9), rules: WriteNumber(term: 3, sequence: 2),
    jobTypes: [.training, .workflow])

  static let rules = AdmissionRules(
    number: WriteNumber(term: 3, sequence: 2),
    accounts: [
      AccountRule(account: name("genomics"), holders: [CapHolder(project: name("genomics"), caps: amounts)])
    ],
    gone: [name("old")], since: WriteNumber(term: 3, sequence: 1))

  static let detail = ClusterDetail(
    hello: hello, age: 0.5, capacity: amounts, free: TRESAmounts(),
    nodes: NodeCounts(total: 4, usable: 3, busy: 1),
    partitions: [
      PartitionDetail(
        name: "main", isDefault: true, state: "UP", nodes: 4, capacity: amounts, timeLimit: nil,
        qos: "normal",
        allowedAccounts: ["genomics"], allowedQos: [])
    ],
    releases: [Release(at: time, freed: amounts)])

  static let usage = UsageView(
    serial: 17, cluster: name("alpha"), bootTime: nil, age: nil, applied: WriteNumber(term: 1, sequence: 2),
    settled: true, capacity: amounts, free: amounts, voids: [],
    problems: [ClusterProblem(kind: .controller, message: "slurmctld does not answer")],
    accounts: [
      AccountUsage(
        account: name("genomics"), exists: true, limits: amounts, used: TRESAmounts(), pending: amounts,
        runningJobs: 2, pendingJobs: 0),
      AccountUsage(
        account: association, exists: true, limits: amounts, used: amounts, pending: amounts, runningJobs: 1,
        pendingJobs: 3),
    ])
  static let association: AccountName = .user(name("alice"), of: name("genomics"))

  static var listed: Association {
    var row = Association(id: 7, account: "genomics")
    row.user = "alice"
    row.grpTres = amounts
    row.maxTresMinsPerJob = amounts
    row.maxWallPerJob = 3600
    row.usage = AssociationUsage(
      usedJobs: 1, usedSubmitJobs: 2, usedTres: amounts, usedTresRunSecs: TRESAmounts())
    row.usage?.levelFairShare = 0.1
    return row
  }

  static var qos: QualityOfService {
    var row = QualityOfService(id: 1, name: "normal")
    row.flags = ["DenyOnLimit"]
    row.limitFactor = 2.5
    row.maxTresPerUser = amounts
    return row
  }

  static let job = NativeJob(
    id: "1234", name: "train \"it\"\n", user: "alice", account: "genomics", partition: "main", qos: nil,
    state: .nodeFailed, reason: "NodeDown", reasonDetail: nil, requested: amounts, allocated: amounts,
    nodes: "a[1-2]", submitTime: time, startTime: time, endTime: nil, timeLimit: 600, restarts: 0,
    exitCode: -1,
    arrayJobId: "1230", arrayTasks: "1-4%2")

  static let write = LimitWrite(
    number: WriteNumber(term: 2, sequence: 1),
    changes: [
      LimitChange(
        account: name("genomics"), parent: nil, limits: amounts, cleared: [.node], users: [name("alice")]),
      LimitChange(account: association, parent: nil, limits: [:], cleared: [.node]),
    ])
  static let charge = Charge(
    job: "7", submitTime: time, startTime: time, endTime: time, seconds: 60, user: "alice",
    account: "genomics",
    above: ["biology"], partition: "main", qos: "normal", state: "requeued", allocated: amounts,
    arrayJobId: "5", arrayTask: 2, hetJobId: "6", hetOffset: 0)

  static let writeResult = LimitWriteResult(
    applied: WriteNumber(term: 2, sequence: 1),
    rows: [
      LimitOutcome(account: name("genomics"), outcome: .unknown, limits: nil, message: "timed out"),
      LimitOutcome(account: association, outcome: .confirmed, limits: amounts),
    ])

  static let project = Project(
    name: name("genomics"), limits: amounts, perUser: amounts,
    members: [name("aliceB"): .admin, name("bob_x"): .user],
    clusters: [name("alpha"): ClusterBinding(account: name("genomics"), parent: name("biology"))])

  static let plan = Plan(steps: [
    PlanStep(
      project: name("genomics"), action: .change,
      changes: [FieldChange(field: "limits.cpu", from: nil, to: "8")], refusals: ["no"], warnings: [])
  ])

  static var budgeted: Project {
    var project = project
    project.budget = try? Budget(
      tres: amounts, period: .every(.week), carryover: 10, whenSpent: .deny,
      weights: [.gpu: Amount(milli: 500)])
    return project
  }

  static let budget = BudgetStatus(
    project: name("genomics"), period: "2026 Q4", since: time, until: nil, whenSpent: .notify, carryover: 5,
    tres: [
      BudgetTRES(
        tres: .gpu, budget: Amount(units: 8), charged: Amount(milli: 1), left: Amount(units: 7),
        isSpent: true,
        runsOut: time)
    ])

  static let denial = AdmissionRules(
    number: WriteNumber(term: 1, sequence: 2),
    accounts: [
      AccountRule(
        account: name("genomics"),
        holders: [
          CapHolder(
            project: name("genomics"), caps: amounts,
            spent: [
              SpentBudget(
                tres: .gpu, budget: .zero, charged: Amount(units: 1), held: .zero, period: "2026",
                isCurrent: false, renews: nil)
            ])
        ])
    ])

  static let quota = QuotaStatus(
    project: name("genomics"), state: .moving, reasons: ["one"],
    tres: [
      QuotaLine(
        tres: .gpu, cap: Amount(units: 8), used: Amount(units: 2), pending: .zero, inForce: Amount(units: 6))
    ],
    clusters: [
      QuotaShare(
        cluster: name("alpha"), account: name("genomics"), isReachable: true, isConfirmed: false,
        accountExists: nil, runningJobs: 1, pendingJobs: 2,
        tres: [
          ShareLine(
            tres: .gpu, allotment: Amount(units: 4), inForce: Amount(units: 6), used: .zero, pending: .zero,
            native: nil)
        ])
    ])

  static var cluster: ClusterStatus {
    var row = ClusterStatus(
      cluster: name("alpha"), address: "unix:///run/sluice/agent.sock", state: .stale, isDrained: true)
    row.age = 3
    row.bootTime = time
    row.voids = hello.voids
    return row
  }

  static let status = ServiceStatus(
    version: "0.1.0", term: 4, startedAt: time, clusters: [cluster], projects: ProjectCounts(),
    problems: [Problem(subject: "alpha", message: "m", advice: "a")], caller: "root", role: "administrator")

  static let audit = AuditEntry(
    id: 1, at: time, who: "root", action: "project.set", project: "genomics", cluster: nil, from: "a",
    to: "b",
    reason: "grant 7")
}
