import Foundation
import Synchronization

extension Lab {
  /// What an operator does for a cluster whose controller was killed. Slurm gives a job's number to another, or
  /// starts a job twice, and then drains the node or holds the job; it makes requeued jobs wait; and it learns
  /// late of jobs that ended while it was away, unless its nodes register anew.
  func tend(_ cluster: Cluster) throws {
    for node in Set(try slurm(cluster, ["sinfo", "-hN", "-t", "drain", "-o", "%N"], timeout: 5).lines) {
      // What has changed in between needs no more tending.
      _ = try? slurm(cluster, ["scontrol", "update", "nodename=\(node)", "state=resume"], timeout: 5)
    }
    for line in try slurm(cluster, ["squeue", "-hr", "-t", "pending", "-o", "%A|%r"], timeout: 5).lines {
      let fields = line.split(separator: "|").map(String.init)
      switch fields.last {
      case "launch failed requeued held":
        _ = try? slurm(cluster, ["scontrol", "release", fields[0]], timeout: 5)
      case "BeginTime":
        _ = try? slurm(cluster, ["scontrol", "update", "jobid=\(fields[0])", "starttime=now"], timeout: 5)
      default: break
      }
    }
    try slurm(cluster, ["scontrol", "reconfigure"], timeout: 5)
  }
}

/// Tends both clusters of a lab every few seconds, on a thread of its own, until stopped.
final class LabOperator: Sendable {
  private let state = Mutex((isStopping: false, isDone: false))

  init(_ lab: Lab) {
    Thread.detachNewThread { [weak self] in
      while let self, self.state.withLock({ !$0.isStopping }) {
        // One whose controller is down can't be tended now.
        for cluster in Cluster.allCases { try? lab.tend(cluster) }
        Thread.sleep(forTimeInterval: 4)
      }
      self?.state.withLock { $0.isDone = true }
    }
  }

  func stop() {
    state.withLock { $0.isStopping = true }
    while !state.withLock({ $0.isDone }) { Thread.sleep(forTimeInterval: 0.05) }
  }
}
