internal import CSlurm
internal import Model
internal import Wire

extension QualityOfService {
  private static let flagNames: [(UInt32, String)] = [
    (sluice_qos_deny_limit, "DenyOnLimit"), (sluice_qos_enforce_usage_thres, "EnforceUsageThreshold"),
    (sluice_qos_no_decay, "NoDecay"), (sluice_qos_no_reserve, "NoReserve"),
    (sluice_qos_over_part_qos, "OverPartQOS"), (sluice_qos_part_max_node, "PartitionMaxNodes"),
    (sluice_qos_part_min_node, "PartitionMinNodes"), (sluice_qos_part_time_limit, "PartitionTimeLimit"),
    (sluice_qos_req_resv, "RequiresReservation"),
  ]

  init(slurm record: slurmdb_qos_rec_t, table: TRESTable, places: [TRES?]) {
    let limits = { (list: String?) in table.amounts(list ?? "") ?? TRESAmounts() }
    self.init(id: Int64(unsafe record.id), name: unsafe text(record.name) ?? "")
    details = unsafe text(record.description)
    let bits = UInt32(truncatingIfNeeded: unsafe record.flags)
    flags = Self.flagNames.filter { bits & $0.0 != 0 }.map(\.1)
    priority = unsafe value(record.priority) ?? 0
    graceTime = unsafe value(record.grace_time)
    preempt = unsafe strings(in: record.preempt_list)
    preemptExemptTime = unsafe value(record.preempt_exempt_time)
    usageFactor = unsafe figure(record.usage_factor)
    usageThreshold = unsafe figure(record.usage_thres)
    limitFactor = unsafe figure(record.limit_factor)
    grpJobs = unsafe value(record.grp_jobs)
    grpJobsAccrue = unsafe value(record.grp_jobs_accrue)
    grpSubmitJobs = unsafe value(record.grp_submit_jobs)
    grpWall = unsafe value(record.grp_wall).map { $0 * 60 }
    grpTres = limits(unsafe text(record.grp_tres))
    grpTresMins = limits(unsafe text(record.grp_tres_mins))
    grpTresRunMins = limits(unsafe text(record.grp_tres_run_mins))
    maxJobsPerAccount = unsafe value(record.max_jobs_pa)
    maxJobsPerUser = unsafe value(record.max_jobs_pu)
    maxJobsAccruePerAccount = unsafe value(record.max_jobs_accrue_pa)
    maxJobsAccruePerUser = unsafe value(record.max_jobs_accrue_pu)
    maxSubmitJobsPerAccount = unsafe value(record.max_submit_jobs_pa)
    maxSubmitJobsPerUser = unsafe value(record.max_submit_jobs_pu)
    maxWallPerJob = unsafe value(record.max_wall_pj).map { $0 * 60 }
    maxTresPerAccount = limits(unsafe text(record.max_tres_pa))
    maxTresPerUser = limits(unsafe text(record.max_tres_pu))
    maxTresPerJob = limits(unsafe text(record.max_tres_pj))
    maxTresPerNode = limits(unsafe text(record.max_tres_pn))
    maxTresMinsPerJob = limits(unsafe text(record.max_tres_mins_pj))
    maxTresRunMinsPerAccount = limits(unsafe text(record.max_tres_run_mins_pa))
    maxTresRunMinsPerUser = limits(unsafe text(record.max_tres_run_mins_pu))
    minTresPerJob = limits(unsafe text(record.min_tres_pj))
    minPriorityThreshold = unsafe value(record.min_prio_thresh)
    usage = unsafe record.usage.map { unsafe AssociationUsage(slurm: $0, places: places) }
  }
}
