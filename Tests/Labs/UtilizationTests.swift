import Testing

@Suite struct UtilizationTests {
  private func sample(_ at: Double, _ used: Int, alpha: Bool = true, beta: Bool = true) -> Sample {
    Sample(at: at, used: used, waitsOnAlpha: alpha, waitsOnBeta: beta)
  }

  @Test func averageWeighsByTime() throws {
    let result = try #require(
      Utilization.averageWhileBothWait([sample(0, 8), sample(3, 4), sample(4, 0)]))
    #expect(result.average == 7)
    #expect(result.seconds == 4)
  }

  @Test func stretchesWithoutWaitingWorkDontCount() throws {
    let samples = [
      sample(0, 0, alpha: false), sample(2, 8), sample(4, 8), sample(5, 2, beta: false), sample(9, 0),
    ]
    let result = try #require(Utilization.averageWhileBothWait(samples))
    #expect(result.average == 8)
    #expect(result.seconds == 2)
  }

  @Test func withoutAStretchThereIsNoAverage() {
    #expect(Utilization.averageWhileBothWait([]) == nil)
    #expect(Utilization.averageWhileBothWait([sample(0, 8)]) == nil)
    #expect(Utilization.averageWhileBothWait([sample(0, 8, beta: false), sample(1, 8)]) == nil)
    #expect(Utilization.averageWhileBothWait([sample(1, 8), sample(1, 8)]) == nil)
  }

  @Test func theLowerOfAlphasReadingsCounts() {
    let sample = Reading.join(
      before: Reading(used: 8, waits: true), beta: Reading(used: 3, waits: true), after: Reading(used: 5),
      at: 1)
    #expect(sample == Sample(at: 1, used: 8, waitsOnAlpha: false, waitsOnBeta: true))
  }

  @Test func readingsCountWhatHoldsQuota() {
    let lines = [
      "1|RUNNING|2|None", "2|SUSPENDED|3|None", "3|CONFIGURING|4|None", "4|COMPLETING|8|None",
      "5|PENDING|16|AssocGrpCpuLimit", "junk",
    ]
    let reading = Reading(lines.compactMap { LabJob(line: $0) })
    #expect(reading == Reading(used: 9, waits: true))
    #expect(Utilization.peak([]) == 0)
    #expect(Utilization.peak([sample(0, 3), sample(1, 9), sample(2, 4)]) == 9)
  }
}
