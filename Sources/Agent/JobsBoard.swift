internal import Model
internal import RPC
internal import Synchronization
internal import Wire

/// Holds the jobs of the last view, and tells watchers which changed.
final class JobsBoard: Sendable {
  private static let mostWatchers = 256
  private static let mostIDs = 1000
  /// Jobs in one message: what keeps its line well under the bound.
  private static let mostInMessage = 5000

  private struct Watcher {
    let client: RPCPeer
    let filter: JobFilter
    var told: [String: NativeJob]
  }

  private struct State {
    /// nil until the backend has listed them once.
    var jobs: [NativeJob]?
    var watchers: [UInt64: Watcher] = [:]
  }

  private let state = Mutex(State())
  private let snapshots = Snapshots<NativeJob>()

  func get(_ call: RPCCall) throws(Failure) {
    let request = try request(of: call)
    let page = try snapshots.page(limit: request.limit, cursor: request.cursor) { () throws(Failure) in
      let filter = JobFilter(request)
      return try state.withLock { state throws(Failure) in try Self.known(state).filter(filter.matches) }
    }
    call.reply(page)
  }

  /// Replaces what this client watched before. Answers with the jobs that match, and sends those that one
  /// message can't hold right after it.
  func watch(_ call: RPCCall) throws(Failure) {
    let filter = JobFilter(try request(of: call))
    let client = call.client
    try state.withLock { state throws(Failure) in
      guard state.watchers[client.id] != nil || state.watchers.count < Self.mostWatchers else {
        throw Failure(.overloaded, "\(Self.mostWatchers) clients watch already: try again later")
      }
      let jobs = try Self.known(state).filter(filter.matches)
      let told = Dictionary(jobs.map { ($0.id, $0) }) { _, last in last }
      state.watchers[client.id] = Watcher(client: client, filter: filter, told: told)
      call.reply(JobsChanged(jobs: Array(jobs.prefix(Self.mostInMessage)), gone: []))
      Self.send(jobs.dropFirst(Self.mostInMessage), gone: [], to: client)
    }
  }

  func forget(_ client: RPCPeer) {
    state.withLock { _ = $0.watchers.removeValue(forKey: client.id) }
  }

  /// The jobs of a new view, all of them.
  func publish(_ jobs: [NativeJob]) {
    state.withLock { state in
      state.jobs = jobs
      for (id, watcher) in state.watchers { state.watchers[id]?.told = Self.tell(watcher, jobs) }
    }
  }

  /// Returns what the watcher knows from now on.
  private static func tell(_ watcher: Watcher, _ jobs: [NativeJob]) -> [String: NativeJob] {
    var told: [String: NativeJob] = [:]
    var changed: [NativeJob] = []
    for job in jobs where watcher.filter.matches(job) {
      told[job.id] = job
      if watcher.told[job.id] != job { changed.append(job) }
    }
    let gone = watcher.told.keys.filter { told[$0] == nil }.sorted()
    send(changed[...], gone: gone, to: watcher.client)
    return told
  }

  private static func send(_ jobs: ArraySlice<NativeJob>, gone: [String], to client: RPCPeer) {
    var rest = jobs
    var gone = gone[...]
    while !rest.isEmpty || !gone.isEmpty {
      client.notify(
        "jobs.changed",
        JobsChanged(jobs: Array(rest.prefix(mostInMessage)), gone: Array(gone.prefix(mostInMessage))))
      rest = rest.dropFirst(mostInMessage)
      gone = gone.dropFirst(mostInMessage)
    }
  }

  private static func known(_ state: State) throws(Failure) -> [NativeJob] {
    guard let jobs = state.jobs else {
      throw Failure(.unavailable, "the cluster has not told its jobs yet: try again, or see agent.hello")
    }
    return jobs
  }

  private func request(of call: RPCCall) throws(Failure) -> JobsRequest {
    let request = try call.parameters.decode(JobsRequest.self)
    guard request.ids.map({ $0.count <= Self.mostIDs }) ?? true else {
      throw Failure(.badParameters, "ids: at most \(Self.mostIDs) can be asked for")
    }
    return request
  }
}

/// Which jobs are asked for: those that match every field said.
struct JobFilter: Sendable {
  private let ids: Set<String>?
  private let account: String?
  private let user: String?
  private let state: NativeJob.State?

  init(_ request: JobsRequest) {
    ids = request.ids.map { Set($0) }
    account = request.account?.text
    user = request.user?.text
    state = request.state
  }

  func matches(_ job: NativeJob) -> Bool {
    (ids?.contains(job.id) ?? true) && (account ?? job.account) == job.account
      && (user ?? job.user) == job.user && (state ?? job.state) == job.state
  }
}
