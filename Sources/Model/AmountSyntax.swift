// Slurm's way to write amounts (sacctmgr(1), "TRES"): digits, up to three decimals here, and a suffix of
// powers of 1024. A `mem` without a suffix is in megabytes, as in sacctmgr and slurm.conf; parts of a byte are
// dropped.

extension Amount {
  private static let suffixes: [(letter: Character, shift: Int64)] = [
    ("K", 10), ("M", 20), ("G", 30), ("T", 40), ("P", 50),
  ]

  /// Reads what a person writes for `tres`, such as `8`, `0.5` or `16G`.
  package init(parsing text: String, of tres: TRES) throws(AmountError) {
    guard let last = text.last else { throw .empty }
    guard text.first != "-" else { throw .negative }
    if last.isASCII, last.isNumber {
      let number = try Self.milli(of: text)
      self = try Self.scaled(number, by: tres.isMemory ? 20 : 0, of: tres)
      return
    }
    let upper = Character(last.uppercased())
    guard let suffix = Self.suffixes.first(where: { $0.letter == upper }) else {
      throw last.isLetter ? .unknownSuffix(String(last)) : .notANumber(text)
    }
    let number = try Self.milli(of: String(text.dropLast()))
    self = try Self.scaled(number, by: suffix.shift, of: tres)
  }

  /// Thousandths of the decimal number in `text`.
  private static func milli(of text: String) throws(AmountError) -> Int64 {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let fraction = parts.count == 2 ? parts[1] : "0"
    let isDigits = { (part: Substring) in !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) } }
    guard isDigits(parts[0]), isDigits(fraction) else { throw .notANumber(text) }
    guard fraction.utf8.count <= 3 else { throw .tooPrecise(text) }
    let padded = fraction + String(repeating: "0", count: 3 - fraction.utf8.count)
    guard let whole = Int64(parts[0]), let thousandths = Int64(padded) else { throw .tooLarge }
    guard whole <= (Int64.max - thousandths) / 1000 else { throw .tooLarge }
    return whole * 1000 + thousandths
  }

  private static func scaled(_ milli: Int64, by shift: Int64, of tres: TRES) throws(AmountError) -> Amount {
    guard milli <= largestWritten.milli >> shift else { throw .tooLarge }
    let amount = Amount(milli: milli << shift)
    return tres.isMemory || amount >= firstWhole ? Amount(units: amount.units) : amount
  }

  /// What `init(parsing:of:)` reads back as the same amount, in the largest unit that divides it; but memory
  /// is in kilobytes at least, rounded up.
  package func text(of tres: TRES) -> String {
    guard self != .unbounded else { return "unlimited" }
    guard tres.isMemory else { return decimal }
    for suffix in Self.suffixes.reversed() {
      let unit = Int64(1000) << suffix.shift
      if milli >= unit, milli % unit == 0 { return "\(milli / unit)\(suffix.letter)" }
    }
    guard milli > 0 else { return "0" }
    // Rounded up, so that what is shown never understates.
    let kilobyte: Int64 = 1_024_000
    return "\(milli / kilobyte + (milli % kilobyte > 0 ? 1 : 0))K"
  }

  private var decimal: String {
    let fraction = milli % 1000
    guard fraction != 0 else { return "\(milli / 1000)" }
    var digits = String(1000 + fraction).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(milli / 1000).\(digits)"
  }
}
