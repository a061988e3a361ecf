internal import Model
internal import Wire

/// Which jobs slurmctld has as waiting or using quota, by number and submission: what accounting knows one job's record
/// by. A requeued job has another submission.
struct UnendedJobs {
  private var keys: [(number: UInt32, submitted: Timestamp)] = []

  init() {}

  /// From a list by numbers.
  init(_ jobs: [SlurmJob]) {
    for index in jobs.indices where jobs[index].isUsing || jobs[index].native.state == .pending {
      keys.append((jobs[index].number, jobs[index].native.submitTime))
    }
  }

  func has(_ number: UInt32, submitted: Timestamp) -> Bool {
    keys[keys.partitionPoint { $0.number < number }...].prefix { $0.number == number }
      .contains { $0.submitted == submitted }
  }
}
