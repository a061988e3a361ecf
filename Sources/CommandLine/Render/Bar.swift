internal import Model

/// How much of a cap is used, and how much is in force, as a row of cells.
struct Bar: Hashable, Sendable {
  var used: Amount
  var inForce: Amount
  var cap: Amount

  static let usualWidth = 20
  static let leastWidth = 6

  /// Exactly `width` characters. Anything that is used shows at least one cell; what is beyond the cap shows
  /// as a mark at the end.
  func text(width: Int, isUnicode: Bool) -> String {
    let cells = isUnicode ? (used: "█", inForce: "▒", free: "░") : (used: "#", inForce: "=", free: ".")
    let usedCells = cellCount(of: used, width: width)
    let inForceCells = max(usedCells, cellCount(of: inForce, width: width))
    let text =
      String(repeating: cells.used, count: usedCells)
      + String(repeating: cells.inForce, count: inForceCells - usedCells)
      + String(repeating: cells.free, count: width - inForceCells)
    return used > cap || inForce > cap ? text.dropLast() + "!" : text
  }

  private func cellCount(of amount: Amount, width: Int) -> Int {
    guard amount > .zero else { return 0 }
    guard amount < cap else { return width }
    let share = Double(amount.milli) / Double(cap.milli)
    return min(width, max(1, Int((share * Double(width)).rounded())))
  }

  /// What the cells mean, for below a table.
  static func legend(isUnicode: Bool) -> String {
    isUnicode ? "█ used  ▒ in force  ░ free  ! over the cap" : "# used  = in force  . free  ! over the cap"
  }
}
