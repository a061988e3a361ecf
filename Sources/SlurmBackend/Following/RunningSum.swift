internal import Model
internal import Wire

/// Adds up what jobs hold, by when they started and by when their time limits end them. Exact: what was added in
/// another order, or in another poll, gives the same.
struct RunningSum: Sendable {
  /// In thousandths of the TRES, and in those times Unix seconds. 2^63 of them until the year 9999 leave room for
  /// 2^25 jobs.
  private struct Line {
    let tres: TRES
    var held: Int128 = 0
    var starts: Int128 = 0
    var ends: Int128 = 0
  }

  /// The year 9999, the last that a time on the wire may have.
  private static let latest: Int64 = 253_402_300_799

  private var base: Int64?
  private var lines: [Line] = []

  /// A job and what it holds.
  mutating func add(_ job: NativeJob, _ held: TRESAmounts) {
    let start = Self.bounded((job.startTime ?? job.submitTime).seconds)
    let end = Self.bounded(Self.end(of: job, from: start))
    base = min(base ?? start, start)
    for (tres, amount) in held {
      let index = lines.firstIndex { $0.tres == tres } ?? lines.endIndex
      if index == lines.endIndex { lines.append(Line(tres: tres)) }
      let milli = Int128(amount.milli)
      lines[index].held += milli
      lines[index].starts += milli * Int128(start)
      lines[index].ends += milli * Int128(end)
    }
  }

  /// slurmctld moves the end of a job that is resumed, or whose limit changes.
  private static func end(of job: NativeJob, from start: Int64) -> Int64 {
    if let end = job.endTime?.seconds, end > start { return end }
    return start + min(job.timeLimit ?? RunningTime.longest, latest)
  }

  private static func bounded(_ seconds: Int64) -> Int64 { max(0, min(seconds, latest)) }

  /// Nil when nothing was added.
  var time: RunningTime? {
    guard let base else { return nil }
    func hours(_ sum: Int128, _ held: Int128, rounding: Int128) -> Amount {
      let milli = (sum - held * Int128(base) + rounding) / 3600
      return Amount(milli: Int64(clamping: milli))
    }
    return RunningTime(
      base: Timestamp(seconds: base),
      started: TRESAmounts(lines.map { ($0.tres, hours($0.starts, $0.held, rounding: 0)) }),
      ending: TRESAmounts(lines.map { ($0.tres, hours($0.ends, $0.held, rounding: 3599)) }))
  }
}
