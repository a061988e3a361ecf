import Model
import Testing
import Wire

@testable import SlurmBackend

struct JobTrackerTests {
  let firstBoot = Timestamp(seconds: 1000)
  let secondBoot = Timestamp(seconds: 2000)
  let idle = ["a1": NodeSummary.Node(isIdle: true, isResponding: true)]
  let working = ["a1": NodeSummary.Node(isIdle: false, isResponding: true)]

  /// A tracker that saw job 1 run in the first boot.
  private func tracker() -> JobTracker {
    var tracker = JobTracker()
    tracker.observe([job(1, .running)], boot: firstBoot, now: 0)
    return tracker
  }

  @Test func aJobThatIsMissingKeepsCounting() {
    var tracker = tracker()
    tracker.observe([], boot: firstBoot, now: 1)
    #expect(tracker.merged(with: []).map(\.native.state) == [.vanished])
    tracker.observe([], boot: firstBoot, now: 1000)
    #expect(tracker.merged(with: []).count == 1)
  }

  @Test(arguments: [NativeJob.State.completed, .cancelled, .completing, .nodeFailed])
  func aJobSeenToEndIsDone(_ state: NativeJob.State) {
    var tracker = tracker()
    tracker.observe([job(1, state)], boot: secondBoot, now: 1)
    #expect(tracker.vanished.isEmpty)
  }

  @Test func aStartForgottenInARestartKeepsCountingInItsOneRow() {
    var tracker = tracker()
    let listed = [job(1, .pending), job(2, .pending)]
    tracker.observe(listed, boot: secondBoot, now: 1)
    #expect(tracker.merged(with: listed).map(\.native.state) == [.vanished, .pending])
    tracker.observe(listed, boot: secondBoot, now: 2)
    #expect(tracker.merged(with: listed).map(\.native.state) == [.vanished, .pending])
  }

  @Test func aForgottenStartThatRunsAgainIsItselfAgain() {
    var tracker = tracker()
    tracker.observe([job(1, .pending)], boot: secondBoot, now: 1)
    tracker.observe([job(1, .running)], boot: secondBoot, now: 2)
    #expect(tracker.vanished.isEmpty)
  }

  @Test func aRequeueIsAnEnd() {
    var within = tracker()
    within.observe([job(1, .pending)], boot: firstBoot, now: 1)
    #expect(within.vanished.isEmpty)
    var resubmitted = tracker()
    resubmitted.observe([job(1, .pending, submitted: 200, restarts: 1)], boot: firstBoot, now: 1)
    #expect(resubmitted.vanished.isEmpty, "slurmctld gives a requeued job a new submit time")
    var across = tracker()
    across.observe([job(1, .pending, restarts: 1)], boot: secondBoot, now: 1)
    #expect(across.vanished.isEmpty)
  }

  @Test(arguments: [job(1, .completed, user: "bob"), job(1, .completed, submitted: 200)])
  func aReusedIdIsAnotherJob(_ other: SlurmJob) {
    var tracker = tracker()
    tracker.observe([other], boot: secondBoot, now: 1)
    #expect(tracker.merged(with: [other]).count == 2)
    #expect(tracker.vanished.keys.map(\.user) == ["alice"])
  }

  @Test func accountingSettles() {
    var tracker = tracker()
    tracker.observe([], boot: firstBoot, now: 1)
    tracker.settle(job(1, .running, user: "bob").identity)
    #expect(tracker.vanished.count == 1)
    tracker.settle(job(1, .running).identity)
    #expect(tracker.vanished.isEmpty)
  }

  @Test func idleNodesSettleOnceTheyHadTimeToReport() {
    var tracker = tracker()
    tracker.observe([], boot: secondBoot, now: 1)
    tracker.settle(nodes: idle, expand: { [$0] }, bootAge: 4, now: 100)
    #expect(tracker.vanished.count == 1)
    tracker.settle(nodes: idle, expand: { [$0] }, bootAge: 100, now: 5.5)
    #expect(tracker.vanished.count == 1)
    tracker.settle(nodes: idle, expand: { [$0] }, bootAge: 6, now: 7)
    #expect(tracker.vanished.isEmpty)
  }

  @Test func nodesThatWorkForOthersSettleLater() {
    var tracker = tracker()
    tracker.observe([], boot: secondBoot, now: 1)
    tracker.settle(nodes: working, expand: { [$0] }, bootAge: 60, now: 61)
    #expect(tracker.vanished.count == 1)
    tracker.settle(nodes: working, expand: { [$0] }, bootAge: 121, now: 122)
    #expect(tracker.vanished.isEmpty)
  }

  @Test func silentAndUnknownNodesSettleNothing() {
    var tracker = tracker()
    tracker.observe([], boot: secondBoot, now: 1)
    let silent = ["a1": NodeSummary.Node(isIdle: true, isResponding: false)]
    tracker.settle(nodes: silent, expand: { [$0] }, bootAge: 9999, now: 9999)
    tracker.settle(nodes: [:], expand: { [$0] }, bootAge: 9999, now: 9999)
    #expect(tracker.vanished.count == 1)
  }
}
