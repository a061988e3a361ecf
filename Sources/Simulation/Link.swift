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
  /// Of the views that the coordinator has got over it, the newest.
  private var newest: Int64 = 0

  mutating func open(lastWrite: WriteNumber?) {
    number += 1
    isUp = true
    messages = [.hello(lastWrite: lastWrite)]
    told = nil
    newest = 0
  }

  /// Whether no newer view has come over this connection. One that comes a second time may be older.
  mutating func isNewest(_ report: Report) -> Bool {
    newest = max(newest, report.head.serial)
    return report.head.serial == newest
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
  mutating func report(_ view: View, of cluster: SimulatedCluster, as names: WorldNames) -> Report {
    var rows: [Report.Row] = []
    for (index, row) in view.rows.enumerated() where told?[index] != row {
      rows.append(
        Report.Row(
          account: names.accounts[index],
          sighting: .init(
            accountExists: row.exists, above: row.above.map { names.accounts[$0] },
            limits: row.limits.amounts, used: row.used.amounts,
            pending: row.pending.amounts, runningJobs: row.runningJobs, pendingJobs: row.pendingJobs)))
    }
    told = view.rows
    let free = cluster.size &- view.held
    let head = Report.Head(
      serial: view.serial, bootTime: Timestamp(seconds: view.boot), age: 0, applied: view.applied,
      isSettled: view.isSettled, capacity: cluster.size.amounts, free: free.amounts, voids: [])
    return Report(head: head, accounts: rows)
  }
}
