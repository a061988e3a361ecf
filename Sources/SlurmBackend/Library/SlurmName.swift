internal import Model

// In Slurm a job's type is a license of that name, which it holds while it runs.
extension TRES {
  private static let licensePrefix = "license/"

  init(slurm name: String) throws(TRESError) {
    if name.hasPrefix(Self.licensePrefix),
      let type = JobType(rawValue: String(name.dropFirst(Self.licensePrefix.count)))
    {
      self = type.tres
    } else {
      try self.init(name)
    }
  }

  var slurmName: String { jobType.map { Self.licensePrefix + $0.rawValue } ?? name }
}
