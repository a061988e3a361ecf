internal import Model

// In Slurm a job's type is a license of that name, which it holds while it runs.
extension TRES {
  init(slurm name: String) throws(TRESError) {
    let tres = try TRES(name)
    self = tres.licensedType?.tres ?? tres
  }

  var slurmName: String { jobType.map { Self.licensePrefix + $0.rawValue } ?? name }
}
