package import Model

/// A row of `accounts.list`: one association (sacctmgr(1)): an account, or a user in an account, perhaps in
/// one partition only. Limits that are not set are nil or absent. Times are in seconds, TRES-minutes in
/// base units times minutes, as Slurm has them.
package struct Association: Codable, Hashable, Sendable {
  package var id: Int64
  package var account: String
  package var user: String?
  package var partition: String?
  package var parent: String?
  package var isDefault: Bool
  package var defaultQos: String?
  package var qos: [String]
  /// nil means `parent`: shares as its parent's child has them.
  package var shares: Int64?
  package var priority: Int64?

  package var grpJobs: Int64?
  package var grpJobsAccrue: Int64?
  package var grpSubmitJobs: Int64?
  package var grpWall: Int64?
  package var grpTres: TRESAmounts
  package var grpTresMins: TRESAmounts
  package var grpTresRunMins: TRESAmounts
  package var maxJobs: Int64?
  package var maxJobsAccrue: Int64?
  package var maxSubmitJobs: Int64?
  package var maxWallPerJob: Int64?
  package var maxTresPerJob: TRESAmounts
  package var maxTresPerNode: TRESAmounts
  package var maxTresMinsPerJob: TRESAmounts
  package var maxTresRunMins: TRESAmounts
  package var minPriorityThreshold: Int64?

  package var usage: AssociationUsage?

  package init(id: Int64, account: String) {
    self.id = id
    self.account = account
    isDefault = false
    qos = []
    grpTres = TRESAmounts()
    grpTresMins = TRESAmounts()
    grpTresRunMins = TRESAmounts()
    maxTresPerJob = TRESAmounts()
    maxTresPerNode = TRESAmounts()
    maxTresMinsPerJob = TRESAmounts()
    maxTresRunMins = TRESAmounts()
  }
}

/// Live figures of slurmctld for one association or QOS.
package struct AssociationUsage: Codable, Hashable, Sendable {
  package var usedJobs: Int64
  package var usedSubmitJobs: Int64
  package var usedTres: TRESAmounts
  /// What the running jobs may still use, in TRES-seconds.
  package var usedTresRunSecs: TRESAmounts
  package var rawUsage: Double?
  package var normalizedUsage: Double?
  package var effectiveUsage: Double?
  package var normalizedShares: Double?
  package var fairShareFactor: Double?
  package var levelFairShare: Double?

  package init(usedJobs: Int64, usedSubmitJobs: Int64, usedTres: TRESAmounts, usedTresRunSecs: TRESAmounts) {
    self.usedJobs = usedJobs
    self.usedSubmitJobs = usedSubmitJobs
    self.usedTres = usedTres
    self.usedTresRunSecs = usedTresRunSecs
  }
}

/// A row of `qos.list`. Names and units as in `Association`.
package struct QualityOfService: Codable, Hashable, Sendable {
  package var id: Int64
  package var name: String
  package var details: String?
  package var flags: [String]
  package var priority: Int64
  package var graceTime: Int64?
  package var preempt: [String]
  package var preemptMode: String?
  package var preemptExemptTime: Int64?
  package var usageFactor: Double?
  package var usageThreshold: Double?
  package var limitFactor: Double?

  package var grpJobs: Int64?
  package var grpJobsAccrue: Int64?
  package var grpSubmitJobs: Int64?
  package var grpWall: Int64?
  package var grpTres: TRESAmounts
  package var grpTresMins: TRESAmounts
  package var grpTresRunMins: TRESAmounts
  package var maxJobsPerAccount: Int64?
  package var maxJobsPerUser: Int64?
  package var maxJobsAccruePerAccount: Int64?
  package var maxJobsAccruePerUser: Int64?
  package var maxSubmitJobsPerAccount: Int64?
  package var maxSubmitJobsPerUser: Int64?
  package var maxWallPerJob: Int64?
  package var maxTresPerAccount: TRESAmounts
  package var maxTresPerUser: TRESAmounts
  package var maxTresPerJob: TRESAmounts
  package var maxTresPerNode: TRESAmounts
  package var maxTresMinsPerJob: TRESAmounts
  package var maxTresRunMinsPerAccount: TRESAmounts
  package var maxTresRunMinsPerUser: TRESAmounts
  package var minTresPerJob: TRESAmounts
  package var minPriorityThreshold: Int64?

  package var usage: AssociationUsage?

  package init(id: Int64, name: String) {
    self.id = id
    self.name = name
    flags = []
    priority = 0
    preempt = []
    grpTres = TRESAmounts()
    grpTresMins = TRESAmounts()
    grpTresRunMins = TRESAmounts()
    maxTresPerAccount = TRESAmounts()
    maxTresPerUser = TRESAmounts()
    maxTresPerJob = TRESAmounts()
    maxTresPerNode = TRESAmounts()
    maxTresMinsPerJob = TRESAmounts()
    maxTresRunMinsPerAccount = TRESAmounts()
    maxTresRunMinsPerUser = TRESAmounts()
    minTresPerJob = TRESAmounts()
  }
}
