/// How much of one TRES, in thousandths of its base unit: cores, bytes, counts.
///
/// Never negative. Arithmetic saturates at both ends instead of trapping: a sum that would overflow
/// reads as `unbounded`, which is the careful direction wherever amounts are held against a cap.
package struct Amount: Hashable, Comparable, Sendable {
  package let milli: Int64

  @inlinable package static var zero: Amount { Amount(milli: 0) }
  /// More than any cap: what an association without a limit may use when its cluster's size is unknown.
  @inlinable package static var unbounded: Amount { Amount(milli: .max) }
  /// The most that a person can write: 8P, which every reader of JSON tells from its neighbours.
  static let largestWritten = Amount(units: 1 << 53)
  /// From here on a double, which is what JSON's readers have, no longer tells thousandths apart: amounts are
  /// written and taken in whole base units.
  static let firstWhole = Amount(units: 1 << 43)

  @inlinable package init(milli: Int64) {
    self.milli = max(0, milli)
  }

  /// `units` whole base units; saturates.
  @inlinable package init(units: Int64) {
    let (product, overflow) = units.multipliedReportingOverflow(by: 1000)
    self.init(milli: overflow ? (units < 0 ? 0 : .max) : product)
  }

  /// Whole base units, rounded down.
  @inlinable package var units: Int64 { milli / 1000 }

  // Spelt out, all four: the ones that the standard library derives aren't inlined.
  @inlinable package static func < (left: Amount, right: Amount) -> Bool { left.milli < right.milli }
  @inlinable package static func > (left: Amount, right: Amount) -> Bool { left.milli > right.milli }
  @inlinable package static func <= (left: Amount, right: Amount) -> Bool { left.milli <= right.milli }
  @inlinable package static func >= (left: Amount, right: Amount) -> Bool { left.milli >= right.milli }
  @inlinable package static func == (left: Amount, right: Amount) -> Bool { left.milli == right.milli }

  @inlinable package static func + (left: Amount, right: Amount) -> Amount {
    let (sum, overflow) = left.milli.addingReportingOverflow(right.milli)
    return Amount(milli: overflow ? .max : sum)
  }

  /// The part of `left` beyond `right`; zero when there is none.
  @inlinable package static func - (left: Amount, right: Amount) -> Amount {
    Amount(milli: left.milli - right.milli)
  }

  @inlinable package static func += (left: inout Amount, right: Amount) { left = left + right }
  @inlinable package static func -= (left: inout Amount, right: Amount) { left = left - right }

  /// `count` times this; saturates.
  @inlinable package func multiplied(by count: Int64) -> Amount {
    let (product, overflow) = milli.multipliedReportingOverflow(by: count)
    return overflow ? .unbounded : Amount(milli: product)
  }

  /// The largest multiple of `granule` that is at most this.
  @inlinable package func roundedDown(to granule: Amount) -> Amount {
    guard granule.milli > 0, self != .unbounded else { return self }
    return Amount(milli: milli - milli % granule.milli)
  }

  /// The smallest multiple of `granule` that is at least this; saturates.
  @inlinable package func roundedUp(to granule: Amount) -> Amount {
    let down = roundedDown(to: granule)
    return down == self ? self : down + granule
  }
}

extension Amount: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let value = try container.decode(Double.self)
    guard value >= 0 else { throw AmountError.negative.decoding(at: decoder.codingPath) }
    if value < Double(Self.firstWhole.units) {
      self.init(milli: Int64((value * 1000).rounded()))
    } else {
      let units = try container.decode(Int64.self)
      // The largest whole number that fits stands for `unbounded`.
      guard units <= Self.unbounded.units else { throw AmountError.tooLarge.decoding(at: decoder.codingPath) }
      self = units == Self.unbounded.units ? .unbounded : Amount(units: units)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if milli % 1000 == 0 || self == .unbounded {
      try container.encode(units)
    } else if self < Self.firstWhole {
      try container.encode(Double(milli) / 1000)
    } else {
      try container.encode(min(units + 1, Self.unbounded.units))
    }
  }
}

/// Why text or a number is not an amount.
package enum AmountError: Error, Equatable, CustomStringConvertible {
  case empty
  case negative
  /// An amount of TRES-time that doesn't say so.
  case noHours(String)
  case notANumber(String)
  case tooLarge
  case tooPrecise(String)
  case unknownSuffix(String)

  package var description: String {
    switch self {
    case .empty: "an amount is missing"
    case .negative: "an amount can't be negative"
    case .noHours(let text): "'\(text.beginning)' is not in hours: write it as in 500h"
    case .notANumber(let text): "'\(text.beginning)' is not a number"
    case .tooLarge: "the amount is too large: at most 9007199254740992 base units, or 8P"
    case .tooPrecise(let text): "'\(text.beginning)' has more than 3 decimals"
    case .unknownSuffix(let text): "'\(text.beginning)' is not a unit: use K, M, G, T or P"
    }
  }

  func decoding(at path: [any CodingKey]) -> DecodingError {
    .dataCorrupted(.init(codingPath: path, debugDescription: description))
  }
}
