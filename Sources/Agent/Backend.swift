package import Model
package import Wire

/// What one kind of cluster must be able to do. The agent's service does the rest: it serves the socket,
/// orders the writes, keeps the highest write number on disk, and tells watchers what changed.
///
/// Methods are called from threads of the service's own and may block, each within a bound of its own.
/// `apply` is never called twice at once, nor is `charges`. Errors are `Failure`s a user can act on.
package protocol Backend: AnyObject, Sendable {
  /// Begins to follow the cluster. From then on, `publish` is called with each new view, whole, in order of
  /// `serial`, at least every 2 s even when nothing changed or nothing can be reached (then with its age).
  func start(publish: @escaping @Sendable (BackendView) -> Void)

  /// Ends all threads that `start` began; returns once they have ended or 5 s have passed.
  func stop()

  /// The accounts to follow from now on: the union over all watchers. A view with them comes soon after.
  func follow(_ accounts: [AccountName])

  /// A job has just begun or ended, so look now instead of at the next turn. May be called by any thread, as often as
  /// jobs begin and end, and must not block.
  func lookSoon()

  /// What the nodes of a partition have, up or not; none for a partition that isn't known. From memory: a submission
  /// waits for it.
  func nodes(of partition: String) -> [AlikeNodes]

  func clusterDetail() throws(Failure) -> ClusterDetail

  /// The whole association tree, parents before their children.
  func accounts() throws(Failure) -> [Association]
  func qos() throws(Failure) -> [QualityOfService]

  /// A page of work that has ended, each record once over all pages of one cursor; `request.limit` is checked.
  /// All that a later call needs lies in the cursor, so that it outlives the agent.
  func charges(_ request: ChargesRequest) throws(Failure) -> ChargesPage

  /// Makes each change effective if it can, and reads back what the enforcing part has. After growth it
  /// wakes the cluster's scheduler, so that a job that waited for the limit starts.
  /// `previousOutcomeUnknown` is true when a write before this one may have ended anywhere (the agent was
  /// killed in it): views are unsettled until the backend has made sure of it.
  func apply(_ write: LimitWrite, previousOutcomeUnknown: Bool) -> [LimitOutcome]
}

/// What a backend publishes: a view of all followed accounts, and the jobs behind it.
package struct BackendView: Sendable {
  package var usage: UsageView
  /// Every job the cluster lists, by order of id; nil when unchanged since the view before.
  package var jobs: [NativeJob]?

  package init(usage: UsageView, jobs: [NativeJob]?) {
    self.usage = usage
    self.jobs = jobs
  }
}
