import Foundation

/// Sluice beside a lab: an agent a cluster as user `slurm`, and sluiced as root, with sockets, settings, ledger and logs
/// in the lab's folder.
final class SluiceLab: Sendable {
  let lab: Lab
  let folder: String
  let socket: String
  let sluiced: ServiceProcess
  let agents: [Cluster: ServiceProcess]
  /// The host that alpha's agent is reached through, if not by its socket.
  let remote: SSHHost?

  /// - Parameters:
  ///   - name: sets this one's folder apart from others beside the same lab.
  ///   - bySSH: whether sluiced dials alpha's agent through an sshd.
  ///   - hookAccount: with it the agents answer `job_submit.lua`, at `admission.sock` in their folders, and tell jobs
  ///     apart by type. beta's gives alice's jobs this account.
  ///   - users: who is called otherwise in a cluster, as sluiced.yaml has it.
  ///   - middlemen: clusters that sluiced dials at `middleman.sock` in the agent's folder.
  init(
    _ lab: Lab, name: String, drift: String = "restore", logLevel: String = "info", bySSH: Bool = false,
    hookAccount: String? = nil, middlemen: Set<Cluster> = [], users: String? = nil
  ) throws {
    self.lab = lab
    folder = "\(lab.folder)/\(name)"
    socket = "\(folder)/sluiced.sock"
    var settings = SluiceSettings(
      folder: folder, socket: socket, drift: drift, logLevel: logLevel, hookAccount: hookAccount,
      middlemen: middlemen, users: users)
    let agent = try Self.copy(of: "sluice-slurm-agent", in: lab)
    remote =
      try bySSH
      ? SSHHost(folder: "\(folder)/ctl", command: "\(agent) dial \(settings.agentSocket(.alpha))") : nil
    settings.sshConfig = remote?.config
    var agents: [Cluster: ServiceProcess] = [:]
    for cluster in Cluster.allCases {
      let place = settings.agentFolder(cluster)
      try Command.succeed(["install", "-d", "-o", "slurm", "-g", "slurm", place, "\(place)/state"])
      try settings.agent(cluster, slurmConf: lab.slurmConf(cluster))
        .write(toFile: "\(place)/agent.yaml", atomically: true, encoding: .utf8)
      agents[cluster] = ServiceProcess(
        Command.asUser("slurm", [agent, "--config", "\(place)/agent.yaml"]), log: "\(place)/agent.log")
    }
    self.agents = agents
    try Command.succeed(["install", "-d", settings.ledgerFolder])
    try settings.sluiced().write(toFile: "\(folder)/sluiced.yaml", atomically: true, encoding: .utf8)
    sluiced = ServiceProcess(
      ["\(ServiceProcess.binaries)/sluiced", "--config", "\(folder)/sluiced.yaml"],
      log: "\(folder)/sluiced.log")
  }

  /// Starts all, and waits until both clusters are ready.
  func start() throws {
    for agent in agents.values { try agent.start() }
    try remote?.start()
    try sluiced.start()
    let isReady = waitUntil(seconds: 30) { Cluster.allCases.allSatisfy { clusterState($0) == "ready" } }
    guard isReady else {
      throw CommandFailure(description: "Sluice is not ready after 30 s\n\(whatItSays)")
    }
  }

  /// What `sluice status` says; nil when it fails.
  func clusterState(_ cluster: Cluster) -> String? {
    let status = try? sluice(["status"]) as? [String: Any]
    let clusters = status?["clusters"] as? [[String: Any]] ?? []
    return clusters.first { $0["cluster"] as? String == cluster.rawValue }?["state"] as? String
  }

  /// For the report of a failure: how it stands, and the ends of its logs.
  var whatItSays: String {
    let views = [["status"], ["quota", "list"], ["quota", "list", "-o", "json"]].map {
      (try? run($0)).map { $0.output + $0.errors } ?? ""
    }
    let logs = ([sluiced] + Cluster.allCases.compactMap { agents[$0] }).map { service in
      "\(service.logPath)\n" + service.log.split(separator: "\n").suffix(40).joined(separator: "\n")
    }
    return (views + logs).joined(separator: "\n")
  }

  func stop() {
    sluiced.stop()
    remote?.stop()
    for agent in agents.values { agent.stop() }
  }

  /// Runs the `sluice` command and gives its JSON; `as` runs it as another user.
  @discardableResult
  func sluice(_ arguments: [String], as user: String? = nil) throws -> Any {
    let result = try run(arguments + ["-o", "json"], as: user)
    guard result.status == 0 else {
      throw CommandFailure(
        description:
          "sluice \(arguments.joined(separator: " ")): status \(result.status)\n\(result.output)\(result.errors)"
      )
    }
    return try JSONSerialization.jsonObject(with: Data(result.output.utf8), options: .fragmentsAllowed)
  }

  /// As `sluice`, for a list.
  func items(_ arguments: [String]) throws -> [[String: Any]] {
    (try sluice(arguments) as? [String: Any])?["items"] as? [[String: Any]] ?? []
  }

  func isOK(_ project: String) -> Bool {
    (try? sluice(["quota", "show", project]) as? [String: Any])?["state"] as? String == "ok"
  }

  /// Runs the `sluice` command as it is, whatever its status.
  func run(_ arguments: [String], as user: String? = nil) throws -> CommandResult {
    let command = [try Self.copy(of: "sluice", in: lab)] + arguments
    return try Command.run(
      user.map { Command.asUser($0, command) } ?? command, environment: ["SLUICE_SOCKET": socket])
  }

  /// A copy of a binary that every user can run: the checkout may be closed to them.
  static func copy(of binary: String, in lab: Lab) throws -> String {
    let copy = "\(lab.folder)/bin/\(binary)"
    if !FileManager.default.fileExists(atPath: copy) {
      try Command.succeed(["install", "-D", "-m", "755", "\(ServiceProcess.binaries)/\(binary)", copy])
    }
    return copy
  }

  /// Applies a `projects.yaml`.
  @discardableResult
  func apply(_ yaml: String, options: [String] = []) throws -> Any {
    let file = "\(folder)/projects.yaml"
    try yaml.write(toFile: file, atomically: true, encoding: .utf8)
    return try sluice(["apply", "-f", file] + options)
  }
}

/// The settings files, as text.
struct SluiceSettings {
  let folder: String
  let socket: String
  let drift: String
  let logLevel: String
  var hookAccount: String?
  /// With it, alpha's agent is reached through the host `ctl`.
  var sshConfig: String?
  var middlemen: Set<Cluster> = []
  var users: String?

  var ledgerFolder: String { "\(folder)/ledger" }
  func agentFolder(_ cluster: Cluster) -> String { "\(folder)/\(cluster)" }
  func agentSocket(_ cluster: Cluster) -> String { "\(agentFolder(cluster))/agent.sock" }
  func admissionSocket(_ cluster: Cluster) -> String { "\(agentFolder(cluster))/admission.sock" }
  func dialled(_ cluster: Cluster) -> String {
    middlemen.contains(cluster) ? "\(agentFolder(cluster))/middleman.sock" : agentSocket(cluster)
  }

  func sluiced() -> String {
    let agents = Cluster.allCases.map { cluster in
      let scheme = sshConfig != nil && cluster == .alpha ? "ssh://ctl" : "unix://"
      return "  - {cluster: \(cluster), address: \"\(scheme)\(dialled(cluster))\"}\n"
    }.joined()
    return """
      socket: \(socket)
      ledger: \(ledgerFolder)/ledger.sqlite
      agents:
      \(agents)\(sshConfig.map { "ssh_config: \($0)\n" } ?? "")administrators: [root]
      drift: \(drift)
      log_level: \(logLevel)
      \(users.map { "users: \($0)" } ?? "")

      """
  }

  func agent(_ cluster: Cluster, slurmConf: String) -> String {
    """
    cluster: \(cluster)
    slurm_conf: \(slurmConf)
    socket: \(agentSocket(cluster))
    group: slurm
    allow: [root]
    state_directory: \(agentFolder(cluster))/state
    log_level: \(logLevel)
    \(admission(cluster))

    """
  }
  private func admission(_ cluster: Cluster) -> String {
    guard let hookAccount else { return "" }
    let both = """
      admission_socket: \(admissionSocket(cluster))
      job_types:
        - {type: training, qos: train}
        - {type: training, partition: train}
        - {type: training, comment: "train:"}
        - {type: inference, qos: serve}

      """
    guard cluster == .beta else { return both }
    return both
      + "default_types: [gres/gpu:h100]\nfill_in: [{user: alice, partition: batch, account: \(hookAccount)}]"
  }
}
