internal import Glibc
internal import Logging
internal import Model
internal import RPC
internal import Wire

/// A small request over the Unix socket, as sluiced asks an agent all day, against lines that nobody looks into.
let roundTrip = Measurement([Figure("rpc.roundtrip.ratio", "times", .atMost(2))]) {
  let calls = 2000
  let service = try UsageService()
  defer { service.stop() }
  let echo = try Echo(lineLength: 300)
  defer { echo.stop() }
  let p50 = try medians(
    rounds: 21,
    [
      (key: "echo", run: { try median(of: calls) { try echo.roundTrip() } }),
      (key: "rpc", run: { try median(of: calls) { try service.roundTrip() } }),
    ])
  guard let bare = p50["echo"], let ours = p50["rpc"] else { throw NotMeasured("no round was run") }
  note("p50: a bare echo \(text(bare)) us, usage.get of one account \(text(ours)) us")
  return [ours / bare]
}

/// In microseconds.
func median(of calls: Int, _ call: () throws -> Void) rethrows -> Double {
  var samples: [Double] = []
  samples.reserveCapacity(calls)
  for _ in 0..<calls {
    let start = ContinuousClock.now
    try call()
    samples.append((ContinuousClock.now - start) / .microseconds(1))
  }
  return quantile(0.5, of: samples)
}

/// Answers `usage.get` as an agent does: parsed, decoded, encoded, on the server's own thread. The client decodes
/// the answer too.
private final class UsageService {
  private let server: RPCServer
  private let client: RPCClient
  private let request: UsageRequest

  init() throws {
    let path = "/tmp/sluice-bench-\(getpid()).sock"
    request = UsageRequest(accounts: [try AccountName("genomics")])
    let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    server = try RPCServer(path: path, logger: logger, handler: Handler(view: try Self.view()))
    client = try RPCClient.connect(path: path, timeout: 10)
  }

  func roundTrip() throws {
    let view = try client.call("usage.get", request, as: UsageView.self, timeout: 10)
    guard view.accounts.count == 1 else {
      throw NotMeasured("usage.get gave \(view.accounts.count) accounts")
    }
  }

  func stop() {
    client.close()
    server.stop()
  }

  private static func view() throws -> UsageView {
    UsageView(
      serial: 1207, cluster: try ClusterName("alpha"), bootTime: Timestamp(seconds: 1_764_000_000), age: 0.25,
      applied: WriteNumber(term: 3, sequence: 41), settled: true, capacity: [.cpu: Amount(units: 256)],
      free: [.cpu: Amount(units: 64)], voids: [], problems: [],
      accounts: [
        AccountUsage(
          account: try AccountName("genomics"), exists: true, limits: [.cpu: Amount(units: 128)],
          used: [.cpu: Amount(units: 96)], pending: [.cpu: Amount(units: 32)], runningJobs: 12, pendingJobs: 4
        )
      ])
  }

  private final class Handler: RPCHandler {
    private let view: UsageView

    init(view: UsageView) { self.view = view }

    func handle(_ call: RPCCall) {
      do throws(Failure) {
        let request = try call.parameters.decode(UsageRequest.self)
        guard request.accounts == view.accounts.map(\.account) else {
          throw Failure(.notFound, "no such account")
        }
        call.reply(view)
      } catch {
        call.fail(error)
      }
    }

    func disconnected(_ client: RPCPeer) {}
  }
}
