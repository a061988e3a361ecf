package import Model

/// What one project lets another use while it leaves it idle: the borrower's cap rises by it, the lender's falls. The
/// caps move as allotments do: what is set aside counts against the lender at once, and goes to the borrower only
/// once nothing of it may be effective at the lender's; and the same the other way round. So granted is at most set aside, and
/// two projects never get more than their two caps.
package struct Loan: Hashable, Codable, Sendable {
  /// What the borrower could use, and the lender spare.
  package var wanted = TRESAmounts()
  /// Off the lender's cap.
  package var setAside = TRESAmounts()
  /// On the borrower's.
  package var granted = TRESAmounts()

  package init() {}

  package var isEmpty: Bool { wanted.isEmpty && setAside.isEmpty && granted.isEmpty }

  /// The loan one step further.
  ///
  /// - Parameters:
  ///   - lenderExcess: What may be effective at the lender's beyond its cap, with this much set aside.
  ///   - borrowerExcess: The same at the borrower's, with this much granted.
  ///   - inUse: What the borrower's jobs have that it doesn't owe to its cap or to other loans.
  package func advanced(
    lenderExcess: (TRES, _ setAside: Amount) -> Amount, borrowerExcess: (TRES, _ granted: Amount) -> Amount,
    inUse: (TRES) -> Amount
  ) -> Loan {
    var next = self
    for tres in wanted.maximum(setAside).maximum(granted).names {
      let wish = wanted.used(tres)
      let aside = max(setAside.used(tres), wish)
      // A lender that has more than it should, by an edit or a cluster that joined, lends only what jobs have:
      // all else would be growth while the two are over.
      let free = aside - lenderExcess(tres, aside)
      let given = min(wish, max(free, min(granted.used(tres), inUse(tres))))
      let kept = min(aside, given + borrowerExcess(tres, given))
      next.setAside.set(tres, max(wish, kept))
      next.granted.set(tres, given)
    }
    return next
  }
}

extension TRESAmounts {
  /// Nothing is said where the amount is zero.
  package mutating func set(_ tres: TRES, _ amount: Amount) { self[tres] = amount > .zero ? amount : nil }
}

extension ProjectQuota {
  /// Of `tres`, what it borrows now.
  package func borrowed(_ tres: TRES) -> Amount {
    loans.reduce(.zero) { $0 + $1.value.granted.used(tres) }
  }

  /// The caps as loans make them: what all of it together may be at once.
  package var allowed: TRESAmounts {
    guard !loans.isEmpty || !lent.isEmpty || !formerly.isEmpty else { return caps }
    return caps.mapped { tres, cap in cap + borrowed(tres) - lent.used(tres) - formerly.used(tres) }
  }

  /// What it can have at best: its caps, and all that it may borrow.
  package var mostEver: TRESAmounts {
    caps.mapped { tres, cap in cap + project.borrow.used(tres) }
  }

  /// Such as `8`, or `8, 2 of it lent` or `8 and 4 borrowed`.
  package func capInWords(_ tres: TRES) -> String {
    let (lent, borrowed) = (lent.used(tres), borrowed(tres))
    return caps.used(tres).text(of: tres)
      + (borrowed > .zero ? " and \(borrowed.text(of: tres)) borrowed" : "")
      + (lent > .zero ? ", \(lent.text(of: tres)) of it lent" : "")
      + (formerly[tres].map { ", \($0.text(of: tres)) of it in force under a name of before" } ?? "")
  }

  /// It has more than it is allowed only because a loan went back while it was in use.
  package func isGivingBack(_ tres: TRES) -> Bool {
    let setAside = loans.reduce(Amount.zero) { $0 + $1.value.setAside.used(tres) }
    return isOver(tres) && committed(tres) + lent.used(tres) <= caps.used(tres) + setAside
  }
}
