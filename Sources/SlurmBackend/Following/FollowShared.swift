internal import Model
internal import Synchronization
internal import Threads

/// What the threads of one backend share: the state, and the bells that wake them.
final class FollowShared: Sendable {
  let state = Mutex(FollowState())
  /// What the nodes of each partition have: apart, for what asks can't wait until others are done with the state.
  let nodes = Mutex<[String: [AlikeNodes]]>([:])
  /// Held while an answer is read that grows with the cluster: two at once would double the memory.
  let largeAnswer = Mutex<Void>(())
  let pollerWakes = BlockingQueue<Void>(capacity: 1)
  let publisherWakes = BlockingQueue<Void>(capacity: 1)
  let surveyorWakes = BlockingQueue<Void>(capacity: 1)

  /// Where slurmdbd listens; nil before slurmctld has told.
  var databasePort: UInt16? { state.withLock { $0.configuration?.databasePort } }

  // A bell that rings already is enough.
  func pollSoon() { _ = pollerWakes.offer(()) }
  func readLimitsSoon() {
    state.withLock { $0.areLimitsDue = true }
    pollSoon()
  }
  func publishSoon() { _ = publisherWakes.offer(()) }
  func surveySoon() { _ = surveyorWakes.offer(()) }

  func close() {
    pollerWakes.close()
    publisherWakes.close()
    surveyorWakes.close()
  }
}
