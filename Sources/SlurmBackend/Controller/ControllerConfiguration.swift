internal import CSlurm
internal import Glibc
internal import Model

/// What slurmctld says of itself.
struct ControllerConfiguration: Sendable, Equatable {
  var bootTime: Timestamp
  var version: String
  var enforcesLimits: Bool
  /// Jobs that slurmctld keeps at once (MaxJobCount).
  var mostJobs: Int64
  /// Whether it runs a job_submit.lua.
  var runsLua: Bool
  /// Where slurmdbd listens.
  var databasePort: UInt16

  init() throws(SlurmFault) {
    var message: UnsafeMutablePointer<slurm_conf_t>?
    errno = 0
    guard unsafe slurm_load_ctl_conf(0, &message) == 0, let message = unsafe message else {
      throw .last("read the configuration from slurmctld")
    }
    defer { unsafe slurm_free_ctl_conf(message) }
    bootTime = Timestamp(seconds: Int64(unsafe message.pointee.boot_time))
    version = unsafe text(message.pointee.version) ?? "unknown"
    enforcesLimits = unsafe message.pointee.accounting_storage_enforce & sluice_enforce_limits != 0
    mostJobs = Int64(unsafe message.pointee.max_job_cnt)
    runsLua = unsafe text(message.pointee.job_submit_plugins)?.split(separator: ",").contains("lua") ?? false
    databasePort = unsafe message.pointee.accounting_storage_port
  }
}
