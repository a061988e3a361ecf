internal import Logging
internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Follows slurmctld on a thread of its own, and makes views of what it finds.
///
/// The order within one poll is the promise that a view makes: boot time, then limits, then jobs. Slurm checks a
/// limit before it counts the job, and `slurm_load_jobs` waits for the scheduler: so a job that was let in under
/// an older limit than the one read is among the jobs read after it.
final class ControllerPoller: Sendable {
  private static let interval = 0.5
  private static let limitsInterval = 2.0
  private static let nodesInterval = 5.0

  enum Kick: Sendable {
    /// Read the limits anew at once: something was written, or other accounts are followed.
    case limits
  }

  /// What the other threads tell the poller.
  struct Wishes: Sendable {
    var followed: [AccountName] = []
    /// The last write that has ended.
    var ended: WriteNumber?
    var settling = SettleClock()
    /// Accounts whose limit grew, and until when a blocked job of theirs is to be touched.
    var wakes: [AccountName: ContinuousClock.Instant] = [:]
  }

  let wishes = Mutex(Wishes())
  private let kicks = BlockingQueue<Kick>(capacity: 16)
  private let publisher: Publisher
  private let logger: Logger

  init(publisher: Publisher, logger: Logger) {
    self.publisher = publisher
    self.logger = logger
  }

  func start() {
    startThread { [self] in
      var poll = ControllerPoll(logger: logger)
      var wantsLimits = true
      while true {
        let isDue = poll.hasLimits(olderThan: Self.limitsInterval)
        if wantsLimits || isDue { poll.forgetLimits() }
        if poll.hasNodes(olderThan: Self.nodesInterval) { poll.forgetNodes() }
        publisher.take(poll.run(wishes: wishes))
        guard let kicks = kicks.take(atMost: 16, waiting: Self.interval) else { return }
        wantsLimits = !kicks.isEmpty
      }
    }
  }

  func kick() { _ = kicks.offer(.limits) }

  func stop() { kicks.close() }
}
