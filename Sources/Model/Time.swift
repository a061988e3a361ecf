/// A moment, in milliseconds since the Unix epoch. On the wire it is in seconds.
package struct Timestamp: Hashable, Comparable, Sendable {
  package let milliseconds: Int64

  @inlinable package init(milliseconds: Int64) { self.milliseconds = milliseconds }
  @inlinable package init(seconds: Int64) { milliseconds = seconds * 1000 }

  @inlinable package var seconds: Int64 { milliseconds / 1000 }

  // Spelt out, all four: the ones that the standard library derives aren't inlined.
  @inlinable package static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds < right.milliseconds
  }
  @inlinable
  package static func <= (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds <= right.milliseconds
  }
  @inlinable
  package static func >= (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds >= right.milliseconds
  }
  @inlinable
  package static func == (left: Timestamp, right: Timestamp) -> Bool {
    left.milliseconds == right.milliseconds
  }

  @inlinable package func advanced(bySeconds seconds: Double) -> Timestamp {
    Timestamp(milliseconds: milliseconds + Int64((seconds * 1000).rounded()))
  }

  /// Seconds from `earlier` to this.
  @inlinable package func seconds(since earlier: Timestamp) -> Double {
    Double(milliseconds - earlier.milliseconds) / 1000
  }
}

extension Timestamp: Codable {
  /// The year 9999: what any clock that matters stays under, and safe to multiply.
  private static let latestSeconds = 253_402_300_799.0

  package init(from decoder: any Decoder) throws {
    let seconds = try decoder.singleValueContainer().decode(Double.self)
    guard seconds >= 0, seconds <= Self.latestSeconds else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "a time is in Unix seconds, up to the year 9999"))
    }
    self.init(milliseconds: Int64((seconds * 1000).rounded()))
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if milliseconds % 1000 == 0 {
      try container.encode(milliseconds / 1000)
    } else {
      try container.encode(Double(milliseconds) / 1000)
    }
  }
}

// ISO 8601 in UTC.
extension Timestamp {
  /// Such as `2026-11-24T20:23:20Z`.
  package var iso8601: String { "\(civil)Z" }

  /// Such as `2026-11-24T20:23:20.041Z`.
  package var iso8601Milliseconds: String {
    "\(civil).\(Self.padded((milliseconds % 1000 + 1000) % 1000, 3))Z"
  }

  private var civil: String {
    let second = (milliseconds - (milliseconds % 1000 + 1000) % 1000) / 1000
    let ofDay = (second % 86_400 + 86_400) % 86_400
    let day = CivilDate(day: (second - ofDay) / 86_400)
    let date = [Self.padded(day.year, 4), Self.padded(day.month, 2), Self.padded(day.day, 2)]
    let time = [ofDay / 3600, ofDay / 60 % 60, ofDay % 60].map { Self.padded($0, 2) }
    return "\(date.joined(separator: "-"))T\(time.joined(separator: ":"))"
  }

  private static func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
