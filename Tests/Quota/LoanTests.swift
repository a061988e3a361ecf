import Model
import Quota
import Testing

/// How a loan goes on, as what may be effective at the two allows.
@Suite struct LoanTests {
  private func loan(wanted: Int64, setAside: Int64 = 0, granted: Int64 = 0) -> Loan {
    var loan = Loan()
    loan.wanted.set(.cpu, Amount(units: wanted))
    loan.setAside.set(.cpu, Amount(units: setAside))
    loan.granted.set(.cpu, Amount(units: granted))
    return loan
  }

  /// - Parameters: what is in force at each beyond its cap, were nothing set aside or granted; may be negative.
  private func advanced(_ loan: Loan, lender: Int64 = 0, borrower: Int64 = 0, inUse: Int64 = 0) -> Loan {
    loan.advanced(
      lenderExcess: { _, setAside in Amount(units: max(0, lender + setAside.units)) },
      borrowerExcess: { _, granted in Amount(units: max(0, borrower - granted.units)) },
      inUse: { _ in Amount(units: inUse) })
  }

  @Test func isSetAsideAtOnceAndGrantedOnceTheLenderHasShrunk() {
    let asked = advanced(loan(wanted: 4))
    #expect(asked == loan(wanted: 4, setAside: 4), "the lender's limits still have all of its cap")
    #expect(
      advanced(asked, lender: -3) == loan(wanted: 4, setAside: 4, granted: 3), "as far as they have shrunk")
    #expect(advanced(asked, lender: -4) == loan(wanted: 4, setAside: 4, granted: 4))
  }

  @Test func isTakenBackAtOnceAndGivenBackAsTheBorrowerShrinks() {
    let whole = loan(wanted: 1, setAside: 4, granted: 4)
    let called = advanced(whole, lender: -4, borrower: 4)
    #expect(called == loan(wanted: 1, setAside: 4, granted: 1), "all of it is still in use")
    #expect(advanced(called, lender: -4, borrower: 3) == loan(wanted: 1, setAside: 3, granted: 1))
    #expect(advanced(called, lender: -4, borrower: 0) == loan(wanted: 1, setAside: 1, granted: 1))
  }

  /// The simulation met it: a lender's limit was edited, or it joined a cluster, after the loan had been granted.
  @Test func whatIsNotInUseYetIsHeldBackWhileTheLenderIsOver() {
    let whole = loan(wanted: 4, setAside: 4, granted: 4)
    #expect(advanced(whole, lender: 3, borrower: 4, inUse: 1) == loan(wanted: 4, setAside: 4, granted: 1))
    #expect(advanced(whole, lender: -2, borrower: 4, inUse: 1) == loan(wanted: 4, setAside: 4, granted: 2))
    #expect(advanced(whole, lender: -4, borrower: 4, inUse: 1) == whole)
  }

  @Test func ofWhatNobodyHasReadNothingMoves() {
    let unread = { (_: TRES, _: Amount) in Amount.unbounded }
    let asked = loan(wanted: 4).advanced(lenderExcess: unread, borrowerExcess: unread, inUse: { _ in .zero })
    #expect(asked == loan(wanted: 4, setAside: 4))
    let called = loan(wanted: 0, setAside: 4, granted: 4).advanced(
      lenderExcess: unread, borrowerExcess: unread, inUse: { _ in .zero })
    #expect(called == loan(wanted: 0, setAside: 4))
  }

  @Test func endsAsNothing() {
    #expect(advanced(loan(wanted: 0, setAside: 4, granted: 0)).isEmpty)
  }
}
