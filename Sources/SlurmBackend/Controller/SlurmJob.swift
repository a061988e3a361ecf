internal import Model
internal import Wire

/// A job of slurmctld's list, with what deciding about it takes beyond what is told of it.
struct SlurmJob: Sendable, Equatable {
  enum Wait: Sendable {
    /// It could start if limits and room allowed.
    case ready
    /// As `ready`, and what it waits for is its account's limit.
    case limited
    /// Something else keeps it: a hold, a dependency, a begin time, constraints no node meets.
    case kept
  }

  var native: NativeJob
  var number: UInt32
  var wait: Wait
  /// How many jobs this row stands for: the waiting tasks of an array are one row.
  var tasks: Int64
  var nodes: String?
  var adminComment: String?

  var isUsing: Bool { native.state.isUsing }
  /// Another job can have the same number once slurmctld has lost its state.
  var identity: Identity { Identity(number: number, user: native.user, submitted: native.submitTime) }

  struct Identity: Hashable, Sendable {
    let number: UInt32
    let user: String
    let submitted: Timestamp
  }
}

extension SlurmJob.Wait {
  private static let readyReasons: Set<String> = ["None", "Priority", "Resources", "Licenses"]

  /// From slurmctld's word for why a job waits.
  init(reason: String) {
    let isGroup = reason.hasPrefix("AssocGrp") || reason.hasPrefix("QOSGrp")
    // Spent TRES-minutes or wall time don't come back when a limit on what runs at once is raised.
    let isSpent = reason.contains("Minutes") || reason.contains("Wall") || reason.contains("Submit")
    if Self.readyReasons.contains(reason) {
      self = .ready
    } else if isGroup, !isSpent {
      self = reason.hasPrefix("Assoc") ? .limited : .ready
    } else {
      self = .kept
    }
  }
}

/// How many tasks an array's row stands for, from `0-99%5` or `1,3,5-9:2`. A list that slurmctld cut short
/// counts as far as it goes.
func taskCount(_ list: String) -> Int64 {
  let parts = list.split(separator: "%", maxSplits: 1)
  var count: Int64 = 0
  for part in (parts.first ?? "").split(separator: ",") {
    let range = part.split(separator: ":", maxSplits: 1)
    let ends = range[0].split(separator: "-", maxSplits: 1)
    guard let first = ends.first.flatMap({ UInt32($0) }) else { continue }
    let last = ends.count == 2 ? UInt32(ends[1]) ?? first : first
    let step = range.count == 2 ? max(1, UInt32(range[1]) ?? 1) : 1
    count += last < first ? 0 : Int64((last - first) / step) + 1
  }
  let most = parts.count == 2 ? Int64(parts[1]) ?? .max : .max
  return max(1, min(count, most, 1_000_000))
}
