/// Projects below one another over both clusters, each with an account of its own name.
struct ProjectTree: Sendable {
  struct Node: Sendable {
    let project: String
    var parent: String?
    /// Whoever submits there.
    var user: String?
    let caps: [String: Int]
    var borrow: [String: Int] = [:]
    var lend: [String: Int] = [:]
  }

  let nodes: [Node]

  /// Two departments that lend each other what they leave, with three teams below them. Together they may use as many
  /// CPUs as the top, but more GPUs.
  static let physics = ProjectTree(nodes: [
    Node(project: "physics", caps: ["cpu": 24, "gres/gpu": 5, "gres/gpu:h100": 3]),
    Node(
      project: "genomics", parent: "physics", caps: ["cpu": 12, "gres/gpu": 3],
      borrow: ["cpu": 6, "gres/gpu": 1], lend: ["cpu": 6, "gres/gpu": 1]),
    Node(
      project: "proteomics", parent: "physics", user: "dave", caps: ["cpu": 12, "gres/gpu": 3],
      borrow: ["cpu": 6, "gres/gpu": 1], lend: ["cpu": 8, "gres/gpu": 1]),
    Node(
      project: "sequencing", parent: "genomics", user: "alice", caps: ["cpu": 12, "gres/gpu:h100": 2],
      borrow: ["cpu": 6], lend: ["cpu": 6]),
    Node(
      project: "assembly", parent: "genomics", user: "bob", caps: ["cpu": 9, "gres/gpu": 2],
      borrow: ["cpu": 9], lend: ["cpu": 4]),
    Node(project: "folding", parent: "proteomics", user: "carol", caps: ["cpu": 14, "gres/gpu": 3]),
  ])

  var names: [String] { nodes.map(\.project) }

  subscript(project: String) -> Node? { nodes.first { $0.project == project } }

  /// The project's own account and all below it.
  func accounts(of project: String) -> Set<String> {
    var found: Set<String> = [project]
    // Parents stand before their children.
    for node in nodes { if let parent = node.parent, found.contains(parent) { found.insert(node.project) } }
    return found
  }

  var yaml: String {
    func amounts(_ key: String, _ amounts: [String: Int]) -> String {
      let pairs = amounts.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
      return amounts.isEmpty ? "" : "\(key): {\(pairs.joined(separator: ", "))}, "
    }
    return "projects:\n"
      + nodes.map { node in
        let parent = node.parent.map { "parent: \($0), " } ?? ""
        let members = node.user.map { "members: {\($0): user}, " } ?? ""
        return "  - {name: \(node.project), \(parent)\(members)" + amounts("limits", node.caps)
          + amounts("borrow", node.borrow) + amounts("lend", node.lend) + "clusters: {alpha: , beta: }}\n"
      }.joined()
  }
}
