internal import Model

/// Who is meant by what a cluster calls somebody.
struct People: Sendable {
  /// Of each cluster that calls some otherwise: by its names, theirs here.
  private var here: [String: [String: String]] = [:]

  init(_ map: UserMap) {
    for (cluster, names) in map {
      var owners: [String: String] = [:]
      // Who bears a name there that is somebody else's here is a stranger, unless he is named, too.
      for name in names.names { owners[name.text] = "\(name)@\(cluster)" }
      for (user, name) in names { owners[name.text] = user.text }
      here[cluster.text] = owners
    }
  }

  func name(of user: String, in cluster: String) -> String { here[cluster]?[user] ?? user }
}
