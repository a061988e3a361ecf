internal import Glibc
internal import Logging
internal import Model
internal import RPC
internal import Wire

/// A small request over the Unix socket, as a controller asks at each submission, against lines of the same lengths
/// that nobody looks into. Beside it, for the record, what sluiced asks an agent all day.
let roundTrip = Measurement([Figure("rpc.roundtrip.ratio", "times", .atMost(2))]) {
  let request = AdmissionRequest(
    account: "genomics", user: "alice", partition: "batch", qos: "normal",
    tres: [.cpu: Amount(units: 8), .memory: Amount(units: 64 << 30), .node: Amount(units: 1)])
  let answer = AdmissionDecision(decision: .allow)
  let check = try OneCall(method: "admission.check", request, answer: answer)
  defer { check.stop() }
  let usage = try OneCall(
    method: "usage.get", UsageRequest(accounts: [try AccountName("genomics")]),
    answer: try usageOfOneAccount())
  defer { usage.stop() }
  let echo = try Echo(asked: check.lengths.asked, answered: check.lengths.answered, in: .thread)
  defer { echo.stop() }
  let calls = 2000
  let p50 = try medians(
    rounds: 21,
    [
      (key: "echo", run: { try median(of: calls) { try echo.roundTrip(isSoon: true) } }),
      (key: "check", run: { try median(of: calls) { try check.roundTrip() } }),
      (key: "usage", run: { try median(of: calls) { try usage.roundTrip() } }),
    ])
  guard let bare = p50["echo"], let ours = p50["check"], let theirs = p50["usage"] else {
    throw NotMeasured("no round was run")
  }
  note(
    "p50: a bare echo \(text(bare)) us, admission.check (\(check.lengths.asked) bytes there, "
      + "\(check.lengths.answered) back) \(text(ours)) us, usage.get of one account "
      + "(\(usage.lengths.asked), \(usage.lengths.answered)) \(text(theirs)) us")
  note("admission.check in loops: \(try codecSteps("admission.check", request, answer))")
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

/// One call, answered as a service does: parsed, decoded, encoded, on the server's own thread. The client decodes
/// the answer too.
private final class OneCall<Request: Codable & Hashable & Sendable, Answer: Codable & Hashable & Sendable> {
  let lengths: (asked: Int, answered: Int)
  private let method: String
  private let request: Request
  private let answer: Answer
  private let server: RPCServer
  private let client: RPCClient

  init(method: String, _ request: Request, answer: Answer) throws {
    lengths = (
      Message.request(id: .integer(10_000), method, request).count,
      Message.success(id: .integer(10_000), answer).count
    )
    self.method = method
    self.request = request
    self.answer = answer
    let path = "/tmp/sluice-bench-\(getpid())-\(method).sock"
    let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
    server = try RPCServer(path: path, logger: logger, handler: Handler(method, request, answer))
    client = try RPCClient.connect(path: path, timeout: 10)
  }

  func roundTrip() throws {
    guard try client.call(method, request, as: Answer.self, timeout: 10) == answer else {
      throw NotMeasured("\(method) gave another answer")
    }
  }

  func stop() {
    client.close()
    server.stop()
  }

  private final class Handler: RPCHandler {
    private let method: String
    private let request: Request
    private let answer: Answer

    init(_ method: String, _ request: Request, _ answer: Answer) {
      self.method = method
      self.request = request
      self.answer = answer
    }

    func handle(_ call: RPCCall) {
      do throws(Failure) {
        guard call.method == method, try call.parameters.decode(Request.self) == request else {
          throw Failure(.notFound, "another call was expected")
        }
        call.reply(answer)
      } catch {
        call.fail(error)
      }
    }

    func disconnected(_ client: RPCPeer) {}
  }
}

private func usageOfOneAccount() throws -> UsageView {
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
