/// One look at both clusters.
struct Sample: Equatable, Sendable {
  /// Seconds since the sampler began.
  var at: Double
  /// CPUs of the account's jobs that are running, suspended or being configured, over both clusters.
  var used: Int
  var waitsOnAlpha: Bool
  var waitsOnBeta: Bool
}

/// Figures over samples, in order of time.
enum Utilization {
  static func peak(_ samples: [Sample]) -> Int { samples.map(\.used).max() ?? 0 }

  /// The average used, weighted by time, over the stretches in which `condition` holds, and the length of those
  /// stretches; nil when there is none. A stretch between two samples counts when it holds at both ends, with the
  /// first's usage: usage holds until it is seen to change.
  static func average(
    _ samples: [Sample], while condition: (Sample) -> Bool
  ) -> (average: Double, seconds: Double)? {
    var cpuSeconds = 0.0
    var seconds = 0.0
    for (first, second) in zip(samples, samples.dropFirst())
    where condition(first) && condition(second) && second.at > first.at {
      cpuSeconds += Double(first.used) * (second.at - first.at)
      seconds += second.at - first.at
    }
    return seconds > 0 ? (cpuSeconds / seconds, seconds) : nil
  }

  static func averageWhileBothWait(_ samples: [Sample]) -> (average: Double, seconds: Double)? {
    average(samples) { $0.waitsOnBoth }
  }
}

extension Sample {
  var waitsOnBoth: Bool { waitsOnAlpha && waitsOnBeta }
}

/// A cluster's answer: what the account's jobs use, and whether any waits.
struct Reading: Equatable, Sendable {
  var used = 0
  var waits = false

  init(used: Int = 0, waits: Bool = false) {
    self.used = used
    self.waits = waits
  }

  init(_ jobs: [LabJob]) {
    for job in jobs {
      switch job.state {
      case "RUNNING", "SUSPENDED", "CONFIGURING": used += job.cpus
      case "PENDING": waits = true
      default: break
      }
    }
  }

  /// The clusters can't be read at one moment. Alpha is read before and after beta, and the lower counts: else a
  /// job that ended on alpha before another started on beta would look as if both had run at once.
  static func join(before: Reading, beta: Reading, after: Reading, at: Double) -> Sample {
    Sample(
      at: at, used: min(before.used, after.used) + beta.used, waitsOnAlpha: before.waits && after.waits,
      waitsOnBeta: beta.waits)
  }
}
