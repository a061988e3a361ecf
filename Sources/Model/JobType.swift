/// What a job is for, where its site tells jobs apart by that.
package enum JobType: String, Codable, CaseIterable, Sendable {
  case training, inference, workflow

  /// The jobs of this type that run at once, such as `jobs/training`: what a cap per job type is a cap on.
  package var tres: TRES { TRES(unchecked: TRES.jobsPrefix + rawValue) }
}

extension TRES {
  /// The type of the jobs that this counts; nil when it counts something else.
  package var jobType: JobType? { jobType(after: Self.jobsPrefix) }

  package static let licensePrefix = "license/"

  /// The type of the jobs that have this license: in Slurm it stands for the type, and is no TRES beside it.
  package var licensedType: JobType? { jobType(after: Self.licensePrefix) }

  private func jobType(after prefix: String) -> JobType? {
    name.hasPrefix(prefix) ? JobType(rawValue: String(name.dropFirst(prefix.count))) : nil
  }
}
