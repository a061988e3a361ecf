internal import Core
internal import Model
internal import Quota

/// The connection between the coordinator and one agent: what it carries arrives late, or not at all.
struct Link {
  enum Message {
    case hello(lastWrite: WriteNumber?)
    case view(Report, edits: Int)
    case ended(WriteNumber, WriteEnd)
  }

  static let most = 24

  private(set) var number = 0
  private(set) var isUp = false
  /// The coordinator takes it for up.
  var isBelieved = false
  /// On its way to the coordinator.
  var messages: [Message] = []
  /// What the views sent so far have told of each account; nil: the next tells all.
  private var told: [View.Row]?

  mutating func open(lastWrite: WriteNumber?) {
    number += 1
    isUp = true
    messages = [.hello(lastWrite: lastWrite)]
    told = nil
  }

  mutating func close() {
    isUp = false
    messages = []
  }

  /// The coordinator has named the accounts to follow: it is told all of them anew.
  mutating func follow() { told = nil }

  /// A view is made only while there is room for it, as a reader that lags is told of the newest state.
  var hasRoom: Bool { isUp && messages.count < Self.most }

  /// The view as a report: the head whole, and of the accounts what has changed.
  mutating func report(_ view: View, of cluster: SimulatedCluster) -> Report {
    let names = WorldNames.all
    var rows: [Report.Row] = []
    for (index, row) in view.rows.enumerated() where told?[index] != row {
      rows.append(
        Report.Row(
          account: names.accounts[index],
          sighting: .init(
            accountExists: row.exists, limits: row.limits.amounts, used: row.used.amounts,
            pending: row.pending.amounts, runningJobs: row.runningJobs, pendingJobs: row.pendingJobs)))
    }
    told = view.rows
    var free = cluster.size
    for row in view.rows { free &-= row.used }
    let head = Report.Head(
      serial: view.serial, bootTime: Timestamp(seconds: view.boot), age: 0, applied: view.applied,
      isSettled: view.isSettled, capacity: cluster.size.amounts, free: free.amounts, voids: [])
    return Report(head: head, accounts: rows)
  }
}
