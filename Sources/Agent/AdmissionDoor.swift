internal import Admission
internal import Glibc
internal import Logging
internal import Model
internal import RPC
internal import Transport
internal import Wire

/// Answers the hooks in the cluster's own daemons, on a socket of its own: at once, from memory.
final class AdmissionDoor: RPCHandler {
  private let settings: AdmissionSettings
  private let rules: RuleBook
  private let backend: any Backend
  private let logger: Logger

  init(settings: AdmissionSettings, rules: RuleBook, backend: any Backend, logger: Logger) {
    self.settings = settings
    self.rules = rules
    self.backend = backend
    self.logger = logger
  }

  var path: String { settings.socket }

  /// What the hook has at once: a connection for a submission, and a submission is a short line.
  private static var limits: LineLimits {
    var limits = LineLimits()
    limits.longestLine = 64 << 10
    limits.mostConnections = 256
    return limits
  }

  /// The socket is the hook's user's, and nobody else's.
  func serve() throws(Failure) -> RPCServer {
    let server = try RPCServer(path: path, mode: 0o600, limits: Self.limits, logger: logger, handler: self)
    if settings.caller != geteuid(), unsafe chown(path, settings.caller, gid_t.max) != 0 {
      server.stop()
      throw Failure(
        .forbidden,
        "\(path) can't be given to uid \(settings.caller), which is to ask there: run the agent as that "
          + "user or as root", cause: unsafe String(cString: strerror(errno)))
    }
    return server
  }

  func handle(_ call: RPCCall) {
    do throws(Failure) {
      try check(call.client.peer)
      switch call.method {
      case "admission.check": call.reply(answer(to: try call.parameters.decode(AdmissionRequest.self)))
      case "jobs.notice":
        logger.debug("a job begins or has ended")
        backend.lookSoon()
        call.reply(Empty())
      default: throw Failure(.unknownMethod, "this socket has no method '\(call.method)'")
      }
    } catch {
      call.fail(error)
    }
  }

  func disconnected(_ client: RPCPeer) {}

  private func check(_ peer: Peer) throws(Failure) {
    guard peer.uid == settings.caller || peer.uid == 0 else {
      throw Failure(
        .forbidden, "\(peer.words) may not ask here: this is for the cluster's own submission alone")
    }
  }

  /// Of nodes that the job has whole.
  private func given(to request: AdmissionRequest) -> TRESAmounts {
    guard let whole = request.wholeNodes, let partition = request.partition else { return TRESAmounts() }
    return whole.least(of: Int(request.tres.used(.node).units), among: backend.nodes(of: partition))
  }

  private func answer(to request: AdmissionRequest) -> AdmissionDecision {
    let line = settings.fillIns.first(for: request.user, in: request.partition)
    let account = request.account == nil ? line?.account : nil
    guard let effective = request.account ?? account?.text ?? request.defaultAccount else {
      // Slurm itself refuses a job without an account.
      return AdmissionDecision(decision: .allow)
    }
    let rule = (try? AccountName(effective)).flatMap(rules.rule)
    let qos = request.qos == nil ? line?.qos : nil
    let jobTypes = settings.jobTypes.types(
      qos: request.qos ?? qos ?? request.defaultQos, partition: request.partition, comment: request.comment)
    // Any of them would do for Slurm, so the user would choose of which cap the job takes nothing.
    if jobTypes.count > 1 { return deny(request, of: effective, because: sentence(on: jobTypes)) }
    let jobType = jobTypes.first
    var tres = request.tres
    for type in JobType.allCases { tres[type.tres] = type == jobType ? Amount(units: 1) : nil }
    switch decide(tres, given: given(to: request), under: rule, defaultTypes: settings.defaultTypes) {
    case .allow(let types):
      return AdmissionDecision(
        decision: .allow, types: types.isEmpty ? nil : types, account: account, qos: qos, jobType: jobType,
        jobTypes: settings.typesTold)
    case .deny(let sentence): return deny(request, of: effective, because: sentence)
    }
  }

  private func sentence(on jobTypes: [JobType]) -> String {
    "name one partition: among those that this job names, it would be of different types "
      + "(\(jobTypes.map(\.rawValue).joined(separator: ", ")))"
  }

  private func deny(
    _ request: AdmissionRequest, of account: String, because sentence: String
  ) -> AdmissionDecision {
    logger.info(
      "denied", metadata: ["account": "\(account)", "user": "\(request.user)", "reason": "\(sentence)"])
    return AdmissionDecision(decision: .deny, message: sentence)
  }
}
