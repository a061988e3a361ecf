internal import Model

/// Reads TRES as the ledger's charges have them. Many have the same, so each text is read once.
struct TRESReader: Sendable {
  private static let most = 10_000

  private var known: [String: TRESAmounts] = [:]

  mutating func amounts(_ text: String) -> TRESAmounts {
    if let amounts = known[text] { return amounts }
    let amounts = (try? TRESAmounts(parsing: text)) ?? TRESAmounts()
    if known.count >= Self.most { known = [:] }
    known[text] = amounts
    return amounts
  }
}
