package import Model

/// TRES-time as budgets count it, weighted: exact, so that it comes out the same in whatever order it is added up.
/// Never negative; saturates.
package struct BudgetTime: Hashable, Comparable, Sendable {
  /// Millionths of TRES-seconds: an amount and a weight in thousandths each, times seconds. A petabyte for a year fits.
  private let micro: Int128

  private init(micro: Int128) { self.micro = micro }

  package static let zero = BudgetTime(micro: 0)

  private static let second: Int128 = 1000
  private static let hour: Int128 = 3600 * second

  package init(hours: Amount) { micro = Int128(hours.milli) * Self.hour }

  /// So much of something that already is weighted, for so many seconds; nothing for less than none.
  init(_ rate: WeightedAmount, for seconds: Int64) {
    let (product, overflow) = rate.micro.multipliedReportingOverflow(by: Int128(max(0, seconds)))
    micro = overflow ? .max : product
  }

  /// Of something weighted that is in TRES-hours.
  init(hours: WeightedAmount) { micro = hours.micro * 3600 }

  /// Rounded up, so that what is shown never understates.
  package var hoursUp: Amount { Self.amount((micro + Self.hour - 1) / Self.hour) }
  package var hoursDown: Amount { Self.amount(micro / Self.hour) }

  private static func amount(_ milli: Int128) -> Amount { Amount(milli: Int64(clamping: milli)) }

  func percent(_ percent: Int) -> BudgetTime { BudgetTime(micro: micro * Int128(percent) / 100) }

  /// How long this takes where `other` took so many seconds; nil where that is nothing.
  func seconds(where other: BudgetTime, took seconds: Int64) -> Double? {
    other.micro > 0 ? Double(micro) / Double(other.micro) * Double(seconds) : nil
  }

  package static func < (left: BudgetTime, right: BudgetTime) -> Bool { left.micro < right.micro }
  package static func + (left: BudgetTime, right: BudgetTime) -> BudgetTime {
    let (sum, overflow) = left.micro.addingReportingOverflow(right.micro)
    return BudgetTime(micro: overflow ? .max : sum)
  }
  /// The part of `left` beyond `right`; zero when there is none.
  package static func - (left: BudgetTime, right: BudgetTime) -> BudgetTime {
    BudgetTime(micro: max(0, left.micro - right.micro))
  }
  package static func += (left: inout BudgetTime, right: BudgetTime) { left = left + right }
}

/// What some amounts count in a budget.
struct WeightedAmount: Hashable, Sendable {
  fileprivate let micro: Int128
}

extension Budget {
  private static let one = Amount(units: 1)

  /// What `amounts` count in the budget of `tres`. As in Slurm, a typed amount is in the untyped one, too.
  func weighted(_ amounts: TRESAmounts, as tres: TRES) -> WeightedAmount {
    var rest = amounts.used(tres)
    var micro: Int128 = 0
    for (type, weight) in weights where type.untyped == tres {
      let amount = amounts.used(type)
      rest -= amount
      micro += Int128(amount.milli) * Int128(weight.milli)
    }
    return WeightedAmount(micro: micro + Int128(rest.milli) * Int128((weights[tres] ?? Self.one).milli))
  }
}
