package import Model
package import Quota

// Borrowing among siblings. It is looked at whenever one of the two is: a borrower takes what siblings leave idle, a lender
// takes back what it needs.
extension State {
  /// While nobody has anything to lend, others are asked again so often, in seconds.
  private static let retry = 5.0

  /// Before the allotments of `name` are moved: what it may have follows from its loans.
  mutating func lendAndBorrow(
    _ name: ProjectName, at place: Int, _ now: Timestamp, in step: inout Step
  ) {
    let (borrows, lends) = projects.update(at: place) { entry in
      (!entry.quota.project.borrow.isEmpty || !entry.quota.loans.isEmpty, !entry.quota.lent.isEmpty)
    }
    if lends { recall(to: name, at: now, in: &step) }
    if borrows { borrow(for: name, at: now, in: &step) }
  }

  /// All loans that the project has a part in: first what it borrows.
  package func loans(
    of name: ProjectName
  ) -> [(lender: ProjectName, borrower: ProjectName, amounts: Loan)] {
    let taken = (projects[name]?.loans ?? [:]).map { (lender: $0.name, borrower: name, amounts: $0.value) }
    let given = (debtors[name] ?? []).compactMap { borrower in
      projects[borrower]?.loans[name].map { (lender: name, borrower: borrower, amounts: $0) }
    }
    return taken + given
  }

  // MARK: The lender

  /// Takes back what it needs itself, and what it no longer lends. The last by name give first: any order would do that is
  /// always the same.
  private mutating func recall(to lender: ProjectName, at now: Timestamp, in step: inout Step) {
    for borrower in (debtors[lender] ?? []).reversed() {
      guard var loan = projects[borrower]?.loans[lender], let quota = projects[lender] else { continue }
      for tres in loan.wanted.names {
        loan.wanted.set(tres, loan.wanted.used(tres) - lacking(tres, at: quota, lendingTo: borrower))
      }
      advance(loan, of: borrower, from: lender, at: now, in: &step)
    }
  }

  /// What is wanted of it beyond what it can or will lend.
  private func lacking(_ tres: TRES, at quota: ProjectQuota, lendingTo borrower: ProjectName) -> Amount {
    guard areSiblings(quota.project.name, borrower) else { return .unbounded }
    let spare = quota.caps.used(tres) - need(tres, of: quota)
    return wanted(tres, from: quota.project.name) - min(spare, quota.project.lend.used(tres))
  }

  private func wanted(_ tres: TRES, from lender: ProjectName) -> Amount {
    (debtors[lender] ?? []).reduce(.zero) { $0 + (projects[$1]?.loans[lender]?.wanted.used(tres) ?? .zero) }
  }

  // MARK: The borrower

  private mutating func borrow(for borrower: ProjectName, at now: Timestamp, in step: inout Step) {
    guard let quota = projects[borrower] else { return }
    var loans = quota.loans
    // A cap that is gone needs no loans.
    for lender in loans.names { loans.update(lender) { $0.wanted = $0.wanted.only(quota.caps) } }
    var isWaiting = false
    for (tres, cap) in quota.caps {
      let wish = min(
        need(tres, of: quota) - cap, quota.project.borrow.used(tres))
      let isMissing = ask(for: wish, of: tres, borrower, in: &loans)
      isWaiting = isWaiting || isMissing
    }
    for (lender, loan) in loans { advance(loan, of: borrower, from: lender, at: now, in: &step) }
    if isWaiting { wake(borrower, at: now.advanced(bySeconds: Self.retry)) }
  }

  /// Has the loans want `wish` in all. Returns whether nobody has some of it, though somebody lends.
  private func ask(
    for wish: Amount, of tres: TRES, _ borrower: ProjectName, in loans: inout NameMap<ProjectTag, Loan>
  ) -> Bool {
    var left = wish
    for lender in loans.names {
      let isSibling = areSiblings(borrower, lender)
      loans.update(lender) { loan in
        let kept = isSibling ? min(left, loan.wanted.used(tres)) : .zero
        loan.wanted.set(tres, kept)
        left -= kept
      }
    }
    guard left > .zero else { return false }
    let others = lenders(beside: borrower)
    for lender in others where left > .zero {
      let taken = min(left, spare(tres, of: lender)).roundedDown(to: tres.granule)
      guard taken > .zero else { continue }
      var loan = loans[lender] ?? Loan()
      loan.wanted.set(tres, loan.wanted.used(tres) + taken)
      loans[lender] = loan
      left -= taken
    }
    return left > .zero && !others.isEmpty
  }

  /// What a project would still lend. One that borrows has nothing to spare.
  private func spare(_ tres: TRES, of lender: ProjectName) -> Amount {
    guard let quota = projects[lender], let cap = quota.caps[tres] else { return .zero }
    guard !quota.loans.contains(where: { $0.value.wanted[tres] != nil }) else { return .zero }
    let lent = max(quota.lent.used(tres), wanted(tres, from: lender))
    return min(
      quota.project.lend.used(tres) - lent, cap - need(tres, of: quota) - lent)
  }

  // MARK: Both

  private func need(_ tres: TRES, of quota: ProjectQuota) -> Amount {
    quota.need(tres, on: quota.shares.names.map { clusters.read($0) { $0.footing } ?? .absent })
  }

  private func areSiblings(_ one: ProjectName, _ other: ProjectName) -> Bool {
    guard let parent = projects[one]?.project.parent else { return false }
    return projects[other]?.project.parent == parent
  }

  /// Carries a loan on as far as what may be effective allows, and has both looked at again.
  private mutating func advance(
    _ loan: Loan, of borrower: ProjectName, from lender: ProjectName, at now: Timestamp, in step: inout Step
  ) {
    guard let taker = projects[borrower], let giver = projects[lender] else { return }
    let old = taker.loans[lender] ?? Loan()
    // What adds comes first: an amount never falls below zero, so that a debt would be forgotten.
    let takersOwn = { (tres: TRES) in
      taker.caps.used(tres) + (taker.borrowed(tres) - old.granted.used(tres))
    }
    let next = loan.advanced(
      lenderExcess: { tres, setAside in
        let lent = giver.lent.used(tres) - old.setAside.used(tres) + setAside
        return giver.inForce(tres) + lent - (giver.caps.used(tres) + giver.borrowed(tres))
      },
      borrowerExcess: { tres, granted in
        taker.inForce(tres) + taker.lent.used(tres) - (takersOwn(tres) + granted)
      },
      inUse: { tres in taker.used(tres) + taker.lent.used(tres) - takersOwn(tres) })
    guard next != old else { return }
    record(.loan(borrower, from: lender, next, was: old), at: now, in: &step)
    for name in [borrower, lender] { wake(name, at: now) }
  }

  /// Ends all loans of a project that is about to go.
  mutating func endLoans(from lender: ProjectName, at now: Timestamp, in step: inout Step) {
    for borrower in debtors[lender] ?? [] {
      let old = projects[borrower]?.loans[lender] ?? Loan()
      record(.loan(borrower, from: lender, Loan(), was: old), at: now, in: &step)
      wake(borrower, at: now)
    }
  }
}

// The indexes of loans.
extension State {
  mutating func apply(_ loan: Loan, of borrower: ProjectName, from lender: ProjectName) {
    let old = projects[borrower]?.loans[lender] ?? Loan()
    projects.update(borrower) { $0.loans[lender] = loan.isEmpty ? nil : loan }
    noteDebt(of: borrower, to: lender, was: old, is: loan)
  }

  mutating func noteDebt(of borrower: ProjectName, to lender: ProjectName, was old: Loan, is new: Loan) {
    projects.update(lender) { quota in
      for tres in old.setAside.maximum(new.setAside).names {
        let rest = quota.lent.used(tres) - old.setAside.used(tres)
        quota.lent.set(tres, rest + new.setAside.used(tres))
      }
    }
    guard old.isEmpty != new.isEmpty else { return }
    Self.move(borrower, from: old.isEmpty ? nil : lender, to: new.isEmpty ? nil : lender, in: &debtors)
  }
}
