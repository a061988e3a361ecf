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
  /// The types that a job may turn out to be of, each once: in each partition that it names it is of that of the first line
  /// that fits there.
  ///
  /// - Parameter partition: With commas between, where the job names several: it may run in any.
  package func types(qos: String?, partition: String?, comment: String?) -> [JobType] {
    // Slurm doesn't tell capitals in a QOS's name.
    let qos = qos?.lowercased()
    let fitting = filter { rule in
      (rule.qos.map { $0.lowercased() == qos } ?? true)
        && (rule.comment.map { comment?.hasPrefix($0) ?? false } ?? true)
    }
    let partitions: [String?] = partition?.split(separator: ",").map { String($0) } ?? []
    let found = (partitions.isEmpty ? [nil] : partitions).map { name in
      fitting.first { $0.partition == nil || $0.partition == name }?.type
    }
    return JobType.allCases.filter(found.contains)
  }

  /// The types that jobs can be of, each once.
  package var types: [JobType] { JobType.allCases.filter { type in contains { $0.type == type } } }
}
