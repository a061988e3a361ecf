internal import Model
internal import YAML

/// `users` in sluiced.yaml: who is called otherwise in a cluster than here.
enum UserMapSettings {
  static func read(_ settings: inout YAMLMapping, of clusters: [ClusterName]) throws(YAMLFault) -> UserMap {
    var users: UserMap = [:]
    for entry in try settings.value("users")?.entries() ?? [] {
      guard let cluster = clusters.first(where: { $0.text == entry.key }) else {
        let known = clusters.map(\.text).joined(separator: ", ")
        throw entry.value.fault("there is no such cluster under 'agents': known here are \(known)")
      }
      users[cluster] = try names(entry.value)
    }
    return users
  }

  private static func names(_ value: YAMLValue) throws(YAMLFault) -> NameMap<UserTag, UserName> {
    var names: NameMap<UserTag, UserName> = [:]
    var owners: NameMap<UserTag, UserName> = [:]
    for entry in try value.entries() {
      let user: UserName
      do throws(NameError) { user = try UserName(entry.key) } catch {
        throw entry.value.fault(error.description)
      }
      let name = try entry.value.parsed { text throws(NameError) in try UserName(text) }
      if let owner = owners[name] {
        throw entry.value.fault("\(owner) is called \(name) there already: two users can't be one")
      }
      owners[name] = user
      names[user] = name
    }
    return names
  }
}
