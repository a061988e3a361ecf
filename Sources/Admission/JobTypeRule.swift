package import Model

/// Which jobs are of a type: a line of agent.yaml's `job_types`. A job must be as all of it says.
package struct JobTypeRule: Hashable, Sendable {
  package var type: JobType
  package var qos: String?
  package var partition: String?
  /// What the job's comment begins with.
  package var comment: String?

  package init(type: JobType, qos: String? = nil, partition: String? = nil, comment: String? = nil) {
    self.type = type
    self.qos = qos
    self.partition = partition
    self.comment = comment
  }
}

extension [JobTypeRule] {
  /// The type of a job by the first line that fits; nil when none does.
  ///
  /// - Parameter partition: With commas between, where the job names several: it may run in any, so each of them fits.
  package func type(qos: String?, partition: String?, comment: String?) -> JobType? {
    // Slurm doesn't tell capitals in a QOS's name.
    let qos = qos?.lowercased()
    let partitions = partition?.split(separator: ",") ?? []
    return first { rule in
      (rule.qos.map { $0.lowercased() == qos } ?? true)
        && (rule.partition.map { name in partitions.contains { $0 == name } } ?? true)
        && (rule.comment.map { comment?.hasPrefix($0) ?? false } ?? true)
    }?.type
  }

  /// The types that jobs can be of, each once.
  package var types: [JobType] { JobType.allCases.filter { type in contains { $0.type == type } } }
}
