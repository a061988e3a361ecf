internal import Model
internal import Wire

/// What can be reached from where in one accounting tree.
struct VoidSearch: Sendable {
  private(set) var tracked: Set<TRES>
  /// Each account's parent.
  private(set) var parents: [String: String] = [:]
  private var accounts: [String: TreeSketch.Account]
  private var qos: [String: QualityOfService] = [:]
  private var children: [String: [String]] = [:]

  /// - Parameter tree: the whole of it.
  init(_ tree: TreeSketch) {
    tracked = Set(tree.tracked)
    accounts = tree.accounts
    learn(tree.qos)
    findParents()
  }

  func has(_ account: String) -> Bool { accounts[account] != nil }

  /// - Parameter part: the tree as read anew, but only for `names`.
  mutating func update(_ names: [String], from part: TreeSketch) {
    tracked = Set(part.tracked)
    learn(part.qos)
    var haveMoved = false
    for name in names {
      haveMoved = haveMoved || accounts[name]?.parent != part.accounts[name]?.parent
      accounts[name] = part.accounts[name]
    }
    if haveMoved { findParents() }
  }

  private mutating func learn(_ list: [QualityOfService]) {
    qos = Dictionary(list.map { ($0.name, $0) }) { first, _ in first }
  }

  private mutating func findParents() {
    parents = accounts.compactMapValues(\.parent)
    children = Dictionary(grouping: parents, by: \.value).mapValues { $0.map(\.key).sorted() }
  }

  /// A QOS's own limit or factor takes the place of the association's for the jobs that use it.
  func qosVoids(_ account: AccountName, _ partitions: [PartitionDetail]) -> [LimitVoid] {
    let below = subtree(of: [account.text])
    var reached: [String: String] = [:]
    for name in below {
      for way in accounts[name]?.ways ?? [] where reached[way.qos] == nil {
        reached[way.qos] =
          way.user.map { "user \($0) of account \(name) may use it" } ?? "account \(name) may use it"
      }
    }
    for partition in partitions where admits(partition, below) {
      guard let name = partition.qos, reached[name] == nil else { continue }
      reached[name] = "partition \(partition.name) has it"
    }
    return reached.sorted { $0.key < $1.key }.flatMap { name, way in
      qos[name].map { voids(of: $0, way: way, account) } ?? []
    }
  }

  /// Those accounts and all below them, each once.
  func subtree(of tops: [String]) -> [String] {
    var found: [String] = []
    var seen: Set<String> = []
    for top in tops where seen.insert(top).inserted { found.append(top) }
    var next = 0
    while next < found.count {
      for child in children[found[next]] ?? [] where seen.insert(child).inserted { found.append(child) }
      next += 1
    }
    return found
  }

  private func admits(_ partition: PartitionDetail, _ accounts: [String]) -> Bool {
    partition.allowedAccounts.isEmpty || accounts.contains { partition.allowedAccounts.contains($0) }
  }

  private func voids(
    of qos: QualityOfService, way: String, _ account: AccountName
  ) -> [LimitVoid] {
    if let factor = qos.limitFactor, factor > 1 {
      return [
        LimitVoid(
          kind: .qos, account: account,
          reason: "QOS \(qos.name) multiplies limits by LimitFactor=\(factor), and \(way)")
      ]
    }
    let jobs: [(TRES, String)] =
      (qos.grpJobs == nil ? [] : [(.runningJobs, "GrpJobs")])
      + (qos.grpSubmitJobs == nil ? [] : [(.submittedJobs, "GrpSubmitJobs")])
    return (jobs + qos.grpTres.names.map { ($0, "GrpTRES for \($0)") }).map { tres, limit in
      LimitVoid(
        kind: .qos, account: account, tres: tres,
        reason: "QOS \(qos.name) has its own \(limit), which takes the place of the account's, and \(way)")
    }
  }
}
