internal import CSlurm
internal import Model
internal import Wire

extension Association {
  /// A row of slurmctld's view. `qosNames` has the QOS by their numbers.
  init(slurm record: slurmdb_assoc_rec_t, table: TRESTable, places: [TRES?], qosNames: [UInt32: String]) {
    let limits = { (list: String?) in table.amounts(list ?? "") ?? TRESAmounts() }
    self.init(id: Int64(unsafe record.id), account: unsafe text(record.acct) ?? "")
    user = unsafe text(record.user)
    partition = unsafe text(record.partition)
    parent = unsafe text(record.parent_acct)
    isDefault = unsafe record.is_def == 1
    defaultQos = qosNames[unsafe record.def_qos_id]
    qos = unsafe strings(in: record.qos_list).map { UInt32($0).flatMap { qosNames[$0] } ?? $0 }
    let raw = unsafe record.shares_raw
    // The mark of shares that are the parent's.
    shares = raw == 0x7fff_ffff ? nil : value(raw)
    priority = unsafe value(record.priority)
    grpJobs = unsafe value(record.grp_jobs)
    grpJobsAccrue = unsafe value(record.grp_jobs_accrue)
    grpSubmitJobs = unsafe value(record.grp_submit_jobs)
    grpWall = unsafe value(record.grp_wall).map { $0 * 60 }
    grpTres = limits(unsafe text(record.grp_tres))
    grpTresMins = limits(unsafe text(record.grp_tres_mins))
    grpTresRunMins = limits(unsafe text(record.grp_tres_run_mins))
    maxJobs = unsafe value(record.max_jobs)
    maxJobsAccrue = unsafe value(record.max_jobs_accrue)
    maxSubmitJobs = unsafe value(record.max_submit_jobs)
    maxWallPerJob = unsafe value(record.max_wall_pj).map { $0 * 60 }
    maxTresPerJob = limits(unsafe text(record.max_tres_pj))
    maxTresPerNode = limits(unsafe text(record.max_tres_pn))
    maxTresMinsPerJob = limits(unsafe text(record.max_tres_mins_pj))
    maxTresRunMins = limits(unsafe text(record.max_tres_run_mins))
    minPriorityThreshold = unsafe value(record.min_prio_thresh)
    usage = unsafe record.usage.map { unsafe AssociationUsage(slurm: $0, places: places) }
  }
}

extension AssociationUsage {
  init(slurm pointer: UnsafeMutablePointer<slurmdb_assoc_usage_t>, places: [TRES?]) {
    let record = unsafe pointer.pointee
    let amounts = unsafe AssociationManagerAnswer.amounts(
      record.grp_used_tres, count: record.tres_cnt, places: places)
    let seconds = unsafe AssociationManagerAnswer.amounts(
      record.grp_used_tres_run_secs, count: record.tres_cnt, places: places)
    self.init(
      usedJobs: Int64(unsafe record.used_jobs), usedSubmitJobs: Int64(unsafe record.used_submit_jobs),
      usedTres: amounts, usedTresRunSecs: seconds)
    rawUsage = unsafe figure(sluice_usage_raw(pointer))
    normalizedUsage = unsafe figure(sluice_usage_norm(pointer))
    effectiveUsage = unsafe figure(sluice_usage_efctv(pointer))
    normalizedShares = unsafe figure(record.shares_norm)
    fairShareFactor = unsafe figure(record.fs_factor)
    levelFairShare = unsafe figure(sluice_level_fs(pointer))
  }

  init(slurm pointer: UnsafeMutablePointer<slurmdb_qos_usage_t>, places: [TRES?]) {
    let record = unsafe pointer.pointee
    let amounts = unsafe AssociationManagerAnswer.amounts(
      record.grp_used_tres, count: record.tres_cnt, places: places)
    let seconds = unsafe AssociationManagerAnswer.amounts(
      record.grp_used_tres_run_secs, count: record.tres_cnt, places: places)
    self.init(
      usedJobs: Int64(unsafe record.grp_used_jobs), usedSubmitJobs: Int64(unsafe record.grp_used_submit_jobs),
      usedTres: amounts, usedTresRunSecs: seconds)
  }
}

/// Nil for Slurm's marks, and for what no JSON number can tell, such as an infinite fair share.
func figure(_ number: Double) -> Double? {
  number.isFinite && number != Double(sluice_no_value) && number != Double(sluice_infinite)
    && number < 1e300 ? number : nil
}
