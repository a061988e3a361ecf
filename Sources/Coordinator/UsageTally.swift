internal import Ledger
internal import Model
internal import Quota
internal import Wire

/// A month of the calendar, in UTC.
struct Month: Hashable, Comparable {
  private static let day: Int64 = 86_400

  let year: Int64
  let month: Int64

  /// The one in which that second of the epoch lies.
  init(of second: Int64) {
    let ofDay = (second % Self.day + Self.day) % Self.day
    let date = CivilDate(day: (second - ofDay) / Self.day)
    year = date.year
    month = date.month
  }

  /// Its first second.
  var start: Int64 { CivilDate(year: year, month: month, day: 1).dayNumber * Self.day }
  /// The first second after it.
  var end: Int64 {
    let next = month == 12 ? (year + 1, 1) : (year, month + 1)
    return CivilDate(year: next.0, month: next.1, day: 1).dayNumber * Self.day
  }

  /// Such as `2026-11`.
  var text: String { String(Timestamp(seconds: start).iso8601.prefix(7)) }

  static func < (left: Month, right: Month) -> Bool { left.start < right.start }
}

/// Adds up charges as a report wants them. A charge that a border cuts (of a month, of the report's time) counts on each
/// side by its part of the time; the parts are whole seconds, and their sum is the charge's.
struct UsageTally {
  private let dimensions: Set<UsageReportRequest.Dimension>
  private let window: Range<Int64>
  private let tres: TRES?
  private let people: People
  /// Thousandths of TRES-seconds: a petabyte for a month is more than 64 bits hold.
  private var sums: [Key: Int128] = [:]
  private var reader = TRESReader()

  struct Key: Hashable, Comparable {
    var project: String?
    var user: String?
    var cluster: String?
    var month: String?
    var tres: TRES

    /// In order; what is not there comes first.
    var words: [String] { [project, user, cluster, month, tres.name].map { $0.map { "=\($0)" } ?? "" } }

    static func < (left: Key, right: Key) -> Bool { left.words.lexicographicallyPrecedes(right.words) }
  }

  init(
    by dimensions: Set<UsageReportRequest.Dimension>, within window: Range<Int64>, only tres: TRES? = nil,
    people: People = People([:])
  ) {
    self.dimensions = dimensions
    self.window = window
    self.tres = tres
    self.people = people
  }

  /// How many rows there are so far.
  var count: Int { sums.count }

  mutating func add(_ span: ChargeSpan) {
    let amounts = reader.amounts(span.tres)
    let user = dimensions.contains(.user) ? people.name(of: span.user, in: span.cluster) : nil
    for piece in pieces(of: span) where piece.seconds > 0 {
      for (name, amount) in amounts where tres == nil || tres == name {
        let key = Key(
          project: dimensions.contains(.project) ? span.project : nil,
          user: user,
          cluster: dimensions.contains(.cluster) ? span.cluster : nil, month: piece.month, tres: name)
        sums[key, default: 0] += Int128(amount.milli) * Int128(piece.seconds)
      }
    }
  }

  /// The seconds of each month within the window.
  private func pieces(of span: ChargeSpan) -> [(month: String?, seconds: Int64)] {
    let time = span.time
    let end = min(span.endedAt, window.upperBound)
    var start = max(span.startedAt, window.lowerBound)
    var pieces: [(month: String?, seconds: Int64)] = []
    while start < end {
      let month = dimensions.contains(.month) ? Month(of: start) : nil
      let next = min(end, month?.end ?? end)
      pieces.append((month?.text, time.seconds(before: next) - time.seconds(before: start)))
      start = next
    }
    return pieces
  }

  /// In order.
  var lines: [(key: Key, line: UsageLine)] {
    sums.keys.sorted().map { key in
      let hours = Double(sums[key] ?? 0) / 3_600_000
      return (
        key,
        UsageLine(
          project: key.project, user: key.user, cluster: key.cluster, month: key.month, tres: key.tres,
          hours: hours)
      )
    }
  }
}

extension ChargeSpan {
  var time: ChargedTime { ChargedTime(startedAt: startedAt, endedAt: endedAt, seconds: seconds) }
}
