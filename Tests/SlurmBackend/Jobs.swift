import Model
import Wire

@testable import SlurmBackend

/// A job of slurmctld's list for these tests: 2 CPUs of account `lab` on node a1.
func job(
  _ number: UInt32, _ state: NativeJob.State, account: String = "lab", user: String = "alice",
  submitted: Int64 = 100, reason: String = "None", restarts: Int = 0, tasks: Int64 = 1,
  nodes: String? = "a1", started: Int64? = nil, ending: Int64? = nil, limit: Int64? = nil
) -> SlurmJob {
  let amounts: TRESAmounts = [.cpu: Amount(units: 2), .node: Amount(units: 1)]
  let native = NativeJob(
    id: "\(number)", name: "work", user: user, account: account, partition: "main", qos: nil, state: state,
    reason: reason, reasonDetail: nil, requested: amounts,
    allocated: state == .pending ? TRESAmounts() : amounts, nodes: nodes,
    submitTime: Timestamp(seconds: submitted), startTime: started.map { Timestamp(seconds: $0) },
    endTime: ending.map { Timestamp(seconds: $0) }, timeLimit: limit,
    restarts: restarts, exitCode: nil, arrayJobId: nil, arrayTasks: nil)
  return SlurmJob(
    native: native, number: number, wait: SlurmJob.Wait(reason: reason), tasks: tasks, nodes: nodes,
    adminComment: nil)
}
