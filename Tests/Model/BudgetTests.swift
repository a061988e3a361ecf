import Model
import Testing

@Suite struct BudgetTests {
  private func budget(
    _ tres: TRESAmounts = [.gpu: Amount(units: 100)], _ period: BudgetPeriod = .every(.quarter),
    carryover: Int = 0, weights: TRESAmounts = [:]
  ) throws(BudgetError) -> Budget {
    try Budget(tres: tres, period: period, carryover: carryover, weights: weights)
  }

  private func complaint(_ make: () throws(BudgetError) -> Budget) -> String {
    do throws(BudgetError) {
      return "none: \(try make())"
    } catch {
      return error.description
    }
  }

  @Test func isHeldWithoutCarryoverWhenNothingElseIsSaid() throws {
    let budget = try budget()
    #expect(budget.carryover == 0 && budget.whenSpent == .hold && budget.weights.isEmpty)
    #expect(budget.text == "gres/gpu=100h a quarter, when spent hold")
  }

  @Test func complaintsNameFieldAndLimit() throws {
    let day = try CivilDate(parsing: "2026-06-30")
    let before = try CivilDate(parsing: "2026-06-29")
    #expect(complaint { () throws(BudgetError) in try budget([:]) }.hasPrefix("tres: at least one"))
    #expect(
      complaint { () throws(BudgetError) in try budget([.runningJobs: Amount(units: 1)]) }
        .hasPrefix("tres.jobs/running: "))
    #expect(
      complaint { () throws(BudgetError) in try budget(carryover: 101) }
        == "carryover: must be 0% to 100%, is 101%")
    #expect(
      complaint { () throws(BudgetError) in try budget(weights: [.cpu: Amount(units: 1001)]) }
        == "weights.cpu: must be 0 to 1000")
    #expect(
      complaint { () throws(BudgetError) in
        try budget([.cpu: Amount(units: 1)], .span(from: day, to: before))
      } == "period.to: 2026-06-29 is before period.from, 2026-06-30")
    #expect(
      complaint { () throws(BudgetError) in
        try budget([.cpu: Amount(units: 1)], .span(from: day, to: day), carryover: 1)
      }.hasPrefix("carryover: a period from one day"))
  }

  @Test func hoursAndPercentagesAreReadAsWritten() throws {
    #expect(try Amount(parsingHours: "10000h", of: .gpu) == Amount(units: 10_000))
    #expect(try Amount(parsingHours: "0.5h", of: .cpu) == Amount(milli: 500))
    #expect(try Amount(parsingHours: "2Th", of: .memory) == Amount(units: 2 << 40))
    #expect(throws: AmountError.noHours("100")) { try Amount(parsingHours: "100", of: .cpu) }
    #expect(throws: AmountError.empty) { try Amount(parsingHours: "h", of: .cpu) }
    #expect(try Amount(parsingWeight: "2", of: .memory) == Amount(units: 2), "a weight has no unit")
    #expect(try Budget.carryover(parsing: "10%") == 10)
    #expect(try Budget.carryover(parsing: "0") == 0)
    for text in ["", "%", "ten", "-1%", "1.5%", "1000%"] {
      #expect(throws: BudgetError.self) { try Budget.carryover(parsing: text) }
    }
  }
}
