internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import Wire

/// How the state lies in the ledger: a record a project, and one for each drained cluster.
enum Records {
  private static let project = "project/"
  private static let drained = "drained/"

  /// The records that `events` changed, each once, as they are now; and those of `others`.
  static func changed(by events: [Event], and others: TouchList<ProjectName>, in state: State)
    -> [LedgerRecord]
  {
    var keys = TouchList<String>()
    for event in events { if let key = key(of: event) { keys.insert(key) } }
    for name in others { keys.insert(project + name.text) }
    return keys.map { LedgerRecord(key: $0, payload: payload(of: $0, in: state)) }
  }

  private static func key(of event: Event) -> String? {
    switch event {
    case .projectSet(let project, _): Self.project + project.name.text
    case .projectDeleted(let name), .share(let name, _, _), .loan(let name, _, _, _): project + name.text
    case .drained(let cluster, _): drained + cluster.text
    case .termStarted: nil
    }
  }

  private static func payload(of key: String, in state: State) -> String? {
    if key.hasPrefix(project) {
      guard let name = try? ProjectName(own: String(key.dropFirst(project.count))) else { return nil }
      return state.projects[name].map(text)
    }
    guard let name = try? ClusterName(String(key.dropFirst(drained.count))) else { return nil }
    return state.clusters[name]?.isDrained == true ? "true" : nil
  }

  static func text(_ value: some Encodable) -> String { String(decoding: JSON.encode(value), as: UTF8.self) }

  enum Content {
    case project(ProjectQuota)
    case drained(ClusterName)
  }

  static func parse(_ record: LedgerRecord) throws(Failure) -> Content {
    if record.key.hasPrefix(project), let payload = record.payload {
      let quota = try decode(payload, of: record.key)
      guard record.key == project + quota.project.name.text else {
        throw Failure(.faulty, "the ledger's record '\(record.key)' has project \(quota.project.name)")
      }
      return .project(quota)
    }
    guard record.key.hasPrefix(drained),
      let name = try? ClusterName(String(record.key.dropFirst(drained.count)))
    else { throw Failure(.faulty, "the ledger has a record '\(record.key)' that this release doesn't know") }
    return .drained(name)
  }

  /// What a start makes of the records.
  static func state(
    from contents: LedgerContents, settings: CoordinatorSettings
  ) throws(Failure) -> State {
    var projects: [ProjectQuota] = []
    var drainedClusters: Set<ClusterName> = []
    for record in contents.records {
      switch try parse(record) {
      case .project(let quota): projects.append(quota)
      case .drained(let cluster): drainedClusters.insert(cluster)
      }
    }
    return State(
      term: contents.term, projects: projects, clusters: settings.agents.map(\.cluster),
      drained: drainedClusters, lastWrites: contents.lastWritesByCluster, driftPolicy: settings.drift,
      userMap: settings.users)
  }

  private static func decode(_ payload: String, of key: String) throws(Failure) -> ProjectQuota {
    do {
      return try JSON.decode(ProjectQuota.self, kept: Array(payload.utf8))
    } catch {
      throw Failure(.faulty, "the ledger's record '\(key)' can't be read", cause: error.message)
    }
  }
}

extension LedgerContents {
  fileprivate var lastWritesByCluster: NameMap<ClusterTag, WriteNumber> {
    var numbers = NameMap<ClusterTag, WriteNumber>()
    for (cluster, number) in lastWrites {
      if let name = try? ClusterName(cluster) { numbers[name] = number }
    }
    return numbers
  }
}
