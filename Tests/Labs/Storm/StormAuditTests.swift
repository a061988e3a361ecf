import Testing

@Suite struct StormAuditTests {
  private func reading(_ lines: [String], limit: Int?) -> StormReading {
    StormReading(lines: lines, limits: limit.map { ["p": $0] } ?? [:])
  }

  private func look(_ before: StormReading, _ beta: StormReading, _ after: StormReading) -> StormLook {
    StormLook(["p"], before: before, beta: beta, after: after, from: 1, to: 2)
  }

  @Test func onlyRunsSeenTwiceCountWithThoseBetween() {
    let before = reading(["1|RUNNING|2|p|t1", "2|RUNNING|3|p|t1", "3|PENDING|9|p|N/A"], limit: 5)
    // Job 1 was requeued and runs anew: that is another run.
    let after = reading(["1|RUNNING|2|p|t9", "2|RUNNING|3|p|t1"], limit: 5)
    let beta = reading(["1|SUSPENDED|4|p|t1", "4|RUNNING|1|other|t1", "5|COMPLETING|8|p|t1"], limit: 4)
    #expect(before.waiting == ["p": 1])
    #expect(look(before, beta, after).running == ["p": 7])
  }

  @Test func inForceIsTheLimitOrWhatRunsBeyondIt() {
    let lowered = reading(["1|RUNNING|6|p|t1"], limit: 2)
    #expect(look(lowered, reading([], limit: 3), lowered).inForce == ["p": 9])
    let shrunk = look(reading([], limit: 8), reading([], limit: 3), reading([], limit: 5))
    #expect(shrunk.inForce == ["p": 8], "the lower of alpha's")
    let free = look(reading([], limit: 1), reading([], limit: nil), reading([], limit: 1))
    #expect(free.inForce == ["p": 129], "without a limit the whole cluster is in force")
  }

  @Test func aCapHoldsOnceItIsClaimedAndARaiseFromItsSending() {
    var history = CapHistory(8)
    history.note(.sent(12), at: 10)
    history.note(.claimed(12), at: 11)
    history.note(.sent(4), at: 20)
    history.note(.claimed(4), at: 30)
    #expect(history.allowed(from: 1, to: 9) == 8)
    #expect(history.allowed(from: 9, to: 10) == 12)
    #expect(history.allowed(from: 21, to: 29) == 12, "what held before may go on")
    #expect(history.allowed(from: 29, to: 31) == 12)
    #expect(history.allowed(from: 30, to: 31) == 4)
  }

  @Test func whatIsBeyondTheCapIsTold() {
    let caps = ["p": CapHistory(8)]
    let good = StormLook(from: 1, to: 2, running: ["p": 8], inForce: ["p": 8])
    let bad = StormLook(from: 3, to: 4, running: ["p": 8], inForce: ["p": 9])
    #expect(
      StormAuditor.violations([good, bad], caps: caps) == [
        "3.0...4.0 s: p has 9 CPUs in force, allowed are 8"
      ])
  }

  @Test func theAuditMustHaveEachCommandOnceAndInOrder() {
    let faults = { StormAuditor.auditFaults(acknowledged: ["a", "b", "c"], audit: $0) }
    #expect(faults(["x", "a", "b", "y", "c"]) == [])
    #expect(faults(["a", "c"]) == ["'b' was acknowledged and is not in the audit"])
    #expect(faults(["a", "b", "b", "c"]) == ["'b' is in the audit twice"])
    #expect(faults(["b", "a", "c"]) == ["the audit has another order"])
  }
}
