/// TRES-time that a project and all below it may use in a period, anywhere: charged by what ran, and held for what runs.
package struct Budget: Hashable, Sendable {
  /// In TRES-hours.
  package var tres: TRESAmounts
  package var period: BudgetPeriod
  /// Of what the period before left, at most so many percent of the budget go on into the next.
  package var carryover: Int
  package var whenSpent: WhenSpent
  /// What an hour of a TRES counts; one, where none is said. That of a type, such as `gres/gpu:h100`, counts within the
  /// budget of `gres/gpu`, too.
  package var weights: TRESAmounts

  package init(
    tres: TRESAmounts, period: BudgetPeriod, carryover: Int = 0, whenSpent: WhenSpent = .hold,
    weights: TRESAmounts = [:]
  ) throws(BudgetError) {
    guard !tres.isEmpty else { throw BudgetError("tres", "at least one TRES must have a budget") }
    if let counted = tres.names.first(where: \.countsJobs) {
      throw BudgetError("tres.\(counted)", "jobs are counted, not used by the hour: it can't have a budget")
    }
    guard Self.carryovers.contains(carryover) else {
      throw BudgetError("carryover", "must be 0% to 100%, is \(carryover)%")
    }
    if case .span(let from, let to) = period {
      guard from.dayNumber <= to.dayNumber else {
        throw BudgetError("period.to", "\(to) is before period.from, \(from)")
      }
      guard from.dayNumber >= 0 else { throw BudgetError("period.from", "\(from) is before 1970-01-01") }
      guard to.year < 9999 else { throw BudgetError("period.to", "\(to) is after 9998-12-31") }
      guard carryover == 0 else {
        throw BudgetError("carryover", "a period from one day to another has none before it: leave it out")
      }
    }
    for (tres, weight) in weights where weight > Self.largestWeight {
      throw BudgetError("weights.\(tres)", "must be 0 to \(Self.largestWeight.units)")
    }
    self.tres = tres
    self.period = period
    self.carryover = carryover
    self.whenSpent = whenSpent
    self.weights = weights
  }

  private static let carryovers = 0...100
  private static let largestWeight = Amount(units: 1000)
}

/// Over which time a budget is; all in UTC.
package enum BudgetPeriod: Hashable, Sendable {
  case every(Unit)
  /// Once, both days included.
  case span(from: CivilDate, to: CivilDate)

  package enum Unit: String, CaseIterable, Sendable {
    case day
    /// Begins on Monday.
    case week
    case month, quarter, year
  }
}

/// What becomes of a project that has spent its budget.
package enum WhenSpent: String, Codable, CaseIterable, Sendable {
  /// What runs goes on; nothing more starts.
  case hold
  /// Nor is anything taken at submission.
  case deny
  /// It is said, and that is all.
  case notify
}

package struct BudgetError: Error, Hashable, CustomStringConvertible {
  /// Within the budget, such as `period.to`.
  package let field: String
  package let message: String

  init(_ field: String, _ message: String) {
    self.field = field
    self.message = message
  }

  package var description: String { "\(field): \(message)" }
}

// As people write it.
extension BudgetPeriod {
  /// A word, such as `quarter`.
  package init(parsing text: String) throws(BudgetError) {
    guard let unit = Unit(rawValue: text) else {
      let words = Unit.allCases.map(\.rawValue).joined(separator: ", ")
      throw BudgetError(
        "period", "'\(text.beginning)' is not one of \(words), or {from: 2026-01-01, to: 2026-06-30}")
    }
    self = .every(unit)
  }

  package var text: String {
    switch self {
    case .every(let unit): unit.rawValue
    case .span(let from, let to): "\(from) to \(to)"
    }
  }
}

extension Budget {
  /// `10%`.
  package static func carryover(parsing text: String) throws(BudgetError) -> Int {
    let digits = text.hasSuffix("%") ? text.dropLast() : text[...]
    guard digits.utf8.count <= 3, digits.utf8.allSatisfy({ (48...57).contains($0) }),
      let percent = Int(digits)
    else { throw BudgetError("carryover", "'\(text.beginning)' is not a percentage: write 10%") }
    return percent
  }

  /// Such as `gres/gpu=10000h a quarter, carryover 10%, when spent hold, weights gres/gpu:h100=2`.
  package var text: String {
    let span = if case .every(let unit) = period { "a \(unit.rawValue)" } else { "from \(period.text)" }
    return "\(tres.hoursText) \(span)" + (carryover > 0 ? ", carryover \(carryover)%" : "")
      + ", when spent \(whenSpent.rawValue)"
      + (weights.isEmpty
        ? "" : ", weights \(weights.map { "\($0)=\($1.text(of: .cpu))" }.joined(separator: ","))")
  }
}

// Amounts of time, `10000h`: of memory, byte-hours, as in `512Gh`.
extension Amount {
  package init(parsingHours text: String, of tres: TRES) throws(AmountError) {
    guard text.last == "h" else { throw .noHours(text) }
    try self.init(parsing: String(text.dropLast()), of: tres)
  }

  /// How many an hour counts: `2`, `0.5`. Of memory, too, it has no unit.
  package init(parsingWeight text: String, of _: TRES) throws(AmountError) {
    try self.init(parsing: text, of: .cpu)
  }

  package func hoursText(of tres: TRES) -> String { text(of: tres) + "h" }
}

extension TRESAmounts {
  package var hoursText: String { map { "\($0)=\($1.hoursText(of: $0))" }.joined(separator: ",") }
}

// On the wire: hours as numbers, days as `2026-01-01`.
extension Budget: Codable {
  private enum CodingKeys: CodingKey { case tres, period, carryover, whenSpent, weights }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let tres = try container.decode(TRESAmounts.self, forKey: .tres)
    let period = try container.decode(BudgetPeriod.self, forKey: .period)
    let carryover = try container.decodeIfPresent(Int.self, forKey: .carryover) ?? 0
    let whenSpent = try container.decodeIfPresent(WhenSpent.self, forKey: .whenSpent) ?? .hold
    let weights = try container.decodeIfPresent(TRESAmounts.self, forKey: .weights) ?? [:]
    do throws(BudgetError) {
      try self.init(
        tres: tres, period: period, carryover: carryover, whenSpent: whenSpent, weights: weights)
    } catch {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: error.description))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(tres, forKey: .tres)
    try container.encode(period, forKey: .period)
    try container.encode(carryover, forKey: .carryover)
    try container.encode(whenSpent, forKey: .whenSpent)
    if !weights.isEmpty { try container.encode(weights, forKey: .weights) }
  }
}

extension BudgetPeriod: Codable {
  private struct Span: Codable {
    var from: String
    var to: String
  }

  package init(from decoder: any Decoder) throws {
    func fail(_ error: any CustomStringConvertible) -> DecodingError {
      .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: error.description))
    }
    guard let word = try? decoder.singleValueContainer().decode(String.self) else {
      let span = try Span(from: decoder)
      do throws(TimeError) {
        self = .span(from: try CivilDate(parsing: span.from), to: try CivilDate(parsing: span.to))
      } catch {
        throw fail(error)
      }
      return
    }
    do throws(BudgetError) {
      try self.init(parsing: word)
    } catch {
      throw fail(error)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .every(let unit):
      var container = encoder.singleValueContainer()
      try container.encode(unit.rawValue)
    case .span(let from, let to): try Span(from: from.description, to: to.description).encode(to: encoder)
    }
  }
}
