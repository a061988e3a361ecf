package import Logging
internal import RPC
internal import Synchronization
package import Threads
package import Wire

/// Makes an agent of any backend: serves the agent's methods on a Unix socket, orders the limit writes and
/// keeps their number on disk, and tells watchers what changed.
package final class AgentService: Sendable {
  private let backend: any Backend
  private let settings: AgentSettings
  private let logger: Logger
  private let usage: UsageBoard
  private let jobs = JobsBoard()
  private let writer: LimitWriter
  private let problems: ProblemLog
  private let methods: AgentMethods
  /// The write that the agent before this one took on last.
  private let forerunner: WriteRecord.Entry?
  private let door: AdmissionDoor?
  private let servers = Mutex<[RPCServer]>([])

  /// Takes the state directory. Fails in words when another agent has it, when its file is damaged, and when
  /// a user under `allowedUsers` doesn't exist.
  package init(backend: any Backend, settings: AgentSettings, logger: Logger) throws(Failure) {
    self.backend = backend
    self.settings = settings
    var logger = logger
    logger[metadataKey: "cluster"] = "\(settings.cluster)"
    self.logger = logger
    problems = ProblemLog(logger: logger)
    let callers = try Callers(users: settings.allowedUsers)
    let directory = try StateDirectory(path: settings.stateDirectory)
    let record = try WriteRecord(directory: directory)
    let rules = RuleBook(directory: directory, logger: logger)
    forerunner = record.last
    usage = UsageBoard(backend: backend)
    writer = LimitWriter(backend: backend, record: record, logger: logger)
    methods = AgentMethods(
      backend: backend, settings: settings, callers: callers, usage: usage, jobs: jobs, writer: writer,
      rules: rules)
    door = settings.admission.map {
      AdmissionDoor(settings: $0, rules: rules, backend: backend, logger: logger)
    }
  }

  /// Begins to follow the cluster and to serve. Fails in words when a socket can't be had. The heartbeats are
  /// the sockets' alone: a cluster that hangs is no reason to start the agent again.
  @discardableResult
  package func start() throws(Failure) -> [Heartbeat] {
    let heartbeats = try serve()
    backend.start { [usage, jobs, writer, forerunner, problems] view in
      problems.note(view.usage.problems)
      usage.publish(writer.judged(view.usage, forerunner: forerunner))
      if let listed = view.jobs { jobs.publish(listed) }
    }
    if let forerunner, !forerunner.ended {
      logger.warning("the agent ended in the midst of a write", metadata: ["write": "\(forerunner.number)"])
    }
    return heartbeats
  }

  private func serve() throws(Failure) -> [Heartbeat] {
    var all = [
      try RPCServer(
        path: settings.socket, mode: settings.mode, group: settings.group, logger: logger, handler: methods)
    ]
    logger.notice("serving", metadata: ["socket": "\(settings.socket)"])
    if let door {
      all.append(try door.serve())
      logger.notice("serving the hook", metadata: ["socket": "\(door.path)"])
    }
    servers.withLock { $0 = all }
    return all.map(\.heartbeat)
  }

  /// Serves no more, lets a write in progress end, and stops following the cluster.
  package func stop() {
    servers.withLock { servers in
      for server in servers { server.stop() }
      servers = []
    }
    methods.close()
    backend.stop()
  }
}
