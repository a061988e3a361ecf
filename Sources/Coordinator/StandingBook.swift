internal import Core
internal import Model

/// How each project stood when it was last looked at: to tell what changed, and since when.
struct StandingBook: Sendable {
  struct Change: Equatable {
    let from: Standing.State
    let to: Standing.State
  }

  /// Those that are not ok.
  private var entries: [ProjectName: (state: Standing.State, since: Timestamp)] = [:]

  /// When a project that is moving began to; nil for any other.
  func movingSince(_ project: ProjectName) -> Timestamp? {
    guard let entry = entries[project], entry.state == .moving else { return nil }
    return entry.since
  }

  /// What changed, if anything did. Pass `.ok` for a project that is gone.
  mutating func note(_ state: Standing.State, of project: ProjectName, at now: Timestamp) -> Change? {
    let old = entries[project]?.state ?? .ok
    guard old != state else { return nil }
    entries[project] = state == .ok ? nil : (state, now)
    return Change(from: old, to: state)
  }
}
