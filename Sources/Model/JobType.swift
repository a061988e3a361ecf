/// What a job is for, where its site tells jobs apart by that.
package enum JobType: String, Codable, CaseIterable, Sendable {
  case training, inference, workflow

  /// The jobs of this type that run at once, such as `jobs/training`: what a cap per job type is a cap on.
  package var tres: TRES { TRES(unchecked: TRES.jobsPrefix + rawValue) }
}

extension TRES {
  /// The type of the jobs that this counts; nil when it counts something else.
  package var jobType: JobType? {
    name.hasPrefix(Self.jobsPrefix) ? JobType(rawValue: String(name.dropFirst(Self.jobsPrefix.count))) : nil
  }

  package static let licensePrefix = "license/"

  /// The type of the jobs that have this license: in Slurm it stands for the type, and is no TRES beside it.
  package var licensedType: JobType? {
    name.hasPrefix(Self.licensePrefix)
      ? JobType(rawValue: String(name.dropFirst(Self.licensePrefix.count))) : nil
  }
}
