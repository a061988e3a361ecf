// Moments as people write them, in UTC, as they are shown: `2026-11-24`, `2026-11-24T14:05`, `14:05:30`, `now-2h`.

package enum TimeError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case noSuchDay(String)

  package var description: String {
    switch self {
    case .unknown(let text):
      "'\(text.beginning)' is not a time: write 2026-11-24T14:05, 2026-11-24, 14:05 or now-2h (UTC)"
    case .noSuchDay(let text): "'\(text.beginning)' is not a day of the calendar"
    }
  }
}

extension Timestamp {
  private static let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]

  /// A time of day alone is the last such moment that is not after `now`.
  package init(parsing text: String, now: Timestamp) throws(TimeError) {
    var body = text.last == "Z" ? text.dropLast() : text[...]
    if body.hasPrefix("now") {
      self = try Self.moment(before: now, written: body.dropFirst(3), in: text)
      return
    }
    if body.contains(":"), !body.contains("-") {
      let today = now.seconds - (now.seconds % 86_400 + 86_400) % 86_400
      let moment = today + (try Self.ofDay(body, in: text))
      self.init(seconds: moment <= now.seconds ? moment : moment - 86_400)
      return
    }
    let parts = body.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "T" || $0 == " " }
    body = parts[0]
    let seconds = parts.count == 2 ? try Self.ofDay(parts[1], in: text) : 0
    self.init(seconds: try CivilDate(body, in: text).dayNumber * 86_400 + seconds)
  }

  private static func moment(
    before now: Timestamp, written offset: Substring, in text: String
  ) throws(TimeError) -> Timestamp {
    guard !offset.isEmpty else { return now }
    guard offset.first == "-", let unit = offset.last.flatMap({ units[$0] }),
      let count = number(offset.dropFirst().dropLast(), digits: 1...6)
    else { throw .unknown(text) }
    return Timestamp(seconds: now.seconds - count * unit)
  }

  /// `14:05` or `14:05:30`, in seconds.
  private static func ofDay(_ clock: Substring, in text: String) throws(TimeError) -> Int64 {
    let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map {
      number($0, digits: 1...2)
    }
    guard parts.count == 2 || parts.count == 3, let hour = parts[0], let minute = parts[1],
      let second = parts.count == 3 ? parts[2] : 0, hour < 24, minute < 60, second < 60
    else { throw .unknown(text) }
    return hour * 3600 + minute * 60 + second
  }

  fileprivate static func number(_ text: Substring, digits: ClosedRange<Int>) -> Int64? {
    guard digits.contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else {
      return nil
    }
    return Int64(text)
  }
}

extension CivilDate: CustomStringConvertible {
  /// Such as `2026-11-24`.
  package var description: String {
    String(Timestamp(seconds: dayNumber * 86_400).iso8601.prefix { $0 != "T" })
  }

  package init(parsing text: String) throws(TimeError) { try self.init(text[...], in: text) }

  fileprivate init(_ date: Substring, in text: String) throws(TimeError) {
    let parts = date.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let year = Timestamp.number(parts[0], digits: 4...4),
      let month = Timestamp.number(parts[1], digits: 1...2),
      let day = Timestamp.number(parts[2], digits: 1...2)
    else { throw .unknown(text) }
    self.init(year: year, month: month, day: day)
    // A day beyond its month's end comes back as one of the next.
    guard (1...12).contains(month), CivilDate(day: dayNumber) == self else { throw .noSuchDay(text) }
  }
}
