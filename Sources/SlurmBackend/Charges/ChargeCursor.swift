internal import Wire

/// How far the accounting was told. Text for others, and all that the next page needs.
struct ChargeCursor: Equatable {
  /// An allocation that had not ended in accounting, though it started before `reached`. Its end may yet come
  /// with a time before that: a lost node's jobs end when the node was last heard.
  struct Open: Hashable, Comparable {
    /// The row's number in slurmdbd, which no other row ever has.
    var index: UInt64
    var job: UInt32

    static func < (left: Open, right: Open) -> Bool { left.index < right.index }
  }

  /// Seconds since the epoch: all that ended before was told, except what was open.
  var reached: Int64
  /// Of what ended in that very second, rows up to this one were told; nil when none was.
  var after: UInt64?
  /// By index.
  var open: [Open] = []
}

// `1.REACHED.AFTER.INDEX-JOB,...`, the last with the difference to the one before, in base 36.
extension ChargeCursor {
  private static let version = "1"
  private static let radix = 36

  var text: String {
    var last = Open(index: 0, job: 0)
    let rows = open.sorted().map { row in
      defer { last = row }
      let job = String(Int64(row.job) - Int64(last.job), radix: Self.radix)
      return "\(String(row.index - last.index, radix: Self.radix))~\(job)"
    }
    return [Self.version, "\(reached)", after.map { "\($0)" } ?? "", rows.joined(separator: ",")]
      .joined(separator: ".")
  }

  init(parsing text: String) throws(Failure) {
    let fault = Failure(.badParameters, "cursor: is not one that an agent gave")
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == Self.version, let reached = Int64(parts[1]), reached >= 0,
      reached < 1 << 40
    else { throw fault }
    self.reached = reached
    if !parts[2].isEmpty {
      guard let after = UInt64(parts[2]) else { throw fault }
      self.after = after
    }
    var last = Open(index: 0, job: 0)
    for row in parts[3].split(separator: ",") {
      let sides = row.split(separator: "~", omittingEmptySubsequences: false)
      guard sides.count == 2, let step = UInt64(sides[0], radix: Self.radix),
        let jobStep = Int64(sides[1], radix: Self.radix), jobStep.magnitude < 1 << 33,
        let job = UInt32(exactly: Int64(last.job) + jobStep)
      else { throw fault }
      let (index, overflow) = last.index.addingReportingOverflow(step)
      guard !overflow else { throw fault }
      last = Open(index: index, job: job)
      open.append(last)
    }
  }
}
