internal import Agent
internal import Model
internal import Synchronization
internal import Threads
internal import Wire

/// Tells a view whenever something changed, and when nothing did: a hanging slurmctld shows as a rising age.
func publishViews(
  of shared: FollowShared, cluster: ClusterName, to publish: @Sendable (BackendView) -> Void
) {
  let quietest = 1.5
  var serial: Int64 = 0
  while shared.publisherWakes.take(atMost: 1, waiting: quietest) != nil {
    serial += 1
    let now = monotonicSeconds()
    let view = shared.state.withLock { state in
      let jobs = state.haveJobsChanged ? state.reading.jobs.map(\.native) : nil
      state.haveJobsChanged = false
      return BackendView(usage: state.view(serial: serial, cluster: cluster, at: now), jobs: jobs)
    }
    publish(view)
  }
}
