internal import Logging
internal import Model
internal import Synchronization
internal import Wire

/// A raised limit starts nothing by itself: Slurm's scheduler looks again only at its next pass, up to a minute
/// later. One harmless update of a job that waits for the limit makes it look at once.
struct SchedulerTouch {
  private static let interval: Duration = .seconds(1)

  private var last: ContinuousClock.Instant?

  /// Touches one blocked job of the accounts whose limit grew, at most once a second: the update wakes the
  /// scheduler for all. A wish lasts until its account's job was touched or its time is over, so one that comes
  /// too soon is deferred.
  mutating func run(
    on jobs: [NativeJob], wishes: borrowing Mutex<ControllerPoller.Wishes>, logger: Logger
  ) {
    let now = ContinuousClock.now
    if let last, now - last < Self.interval { return }
    let wakes = wishes.withLock { wishes in
      wishes.wakes = wishes.wakes.filter { $0.value > now }
      return wishes.wakes
    }
    guard !wakes.isEmpty,
      let job = jobs.first(where: { job in
        job.isBlockedByLimit && wakes.contains { $0.key.text == job.account }
      })
    else { return }
    last = now
    do {
      try ControllerCalls.touch(job: job)
      wishes.withLock { $0.wakes = [:] }
    } catch {
      logger.info("job \(job.id) could not be touched: \(error)")
    }
  }
}
