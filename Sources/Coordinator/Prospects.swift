internal import Core
internal import Model
internal import RPC
internal import Wire

/// Accounts of projects that are only planned. What voids their limits is known once their agents have looked
/// at them: until then, and no longer than `patience`, the calls that ask wait here.
struct Prospects: Sendable {
  private static let patience = 4.0
  /// For how long an account is followed that nobody plans with any more.
  private static let memory = 60.0
  private static let mostCalls = 64
  private static let mostPlaces = 1000

  private var entries: [ClusterName: [AccountName: Entry]] = [:]
  private var calls: [(call: RPCCall, places: [Place], until: Timestamp)] = []

  private struct Entry: Sendable {
    var isSeen = false
    /// Once it is seen, if it is there.
    var above: [AccountName]?
    var until: Timestamp
  }

  struct Place: Hashable, Sendable {
    let cluster: ClusterName
    let account: AccountName
  }

  func accounts(in cluster: ClusterName) -> [AccountName] { entries[cluster].map { Array($0.keys) } ?? [] }

  private func isSeen(_ place: Place) -> Bool { entries[place.cluster]?[place.account]?.isSeen ?? false }

  /// The accounts above it; nil when it isn't there, or was not looked at.
  func above(_ cluster: ClusterName, _ account: AccountName) -> [AccountName]? {
    entries[cluster]?[account]?.above
  }

  mutating func see(_ view: UsageView) {
    guard entries[view.cluster] != nil else { return }
    for row in view.accounts {
      entries[view.cluster]?[row.account]?.isSeen = true
      entries[view.cluster]?[row.account]?.above = row.exists ? row.above : nil
    }
  }

  /// Has `call` wait for the places that nobody has looked at. Returns those clusters in which agents must be
  /// told to look; nil when there is nothing to wait for, or it would be too much.
  mutating func wait(_ call: RPCCall, for places: [Place], at now: Timestamp) -> [ClusterName]? {
    let unseen = places.filter { !isSeen($0) }
    guard !unseen.isEmpty, unseen.count <= Self.mostPlaces, calls.count < Self.mostCalls else { return nil }
    for place in unseen {
      let entry = Entry(until: now.advanced(bySeconds: Self.memory))
      entries[place.cluster, default: [:]][place.account] = entry
    }
    calls.append((call, unseen, now.advanced(bySeconds: Self.patience)))
    return Set(unseen.map(\.cluster)).sorted()
  }

  /// The calls that need not or may not wait any longer.
  mutating func released(at now: Timestamp) -> [RPCCall] {
    guard !calls.isEmpty || !entries.isEmpty else { return [] }
    var ready: [RPCCall] = []
    var waiting = calls
    waiting.removeAll { entry in
      let isReady = entry.until <= now || entry.places.allSatisfy(isSeen)
      if isReady { ready.append(entry.call) }
      return isReady
    }
    calls = waiting
    for cluster in entries.keys {
      entries[cluster] = entries[cluster]?.filter { $0.value.until > now }
      if entries[cluster]?.isEmpty ?? false { entries[cluster] = nil }
    }
    return ready
  }
}

extension Writer {
  /// Whether `call` waits now for clusters to be read.
  mutating func wait(_ call: RPCCall, toInspect projects: [Project]) -> Bool {
    var places: [Prospects.Place] = []
    for project in projects {
      for (cluster, binding) in project.clusters {
        guard let known = state.clusters[cluster], known.isAnswering else { continue }
        let members = project.perUser.isEmpty ? [] : project.members.names
        for account in [binding.account] + members.map({ state.association(of: $0, in: cluster, binding) })
        where known.projectOfAccount[account] == nil {
          places.append(Prospects.Place(cluster: cluster, account: account))
        }
      }
    }
    guard let clusters = prospects.wait(call, for: places, at: round.at) else { return false }
    for cluster in clusters { round.follows.insert(cluster) }
    return true
  }
}
