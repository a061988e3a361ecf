/// What slurmctld itself holds an account to, and counts for it with all below it.
struct AssociationRow: Sendable {
  let account: String
  /// A TRES that is not here has no limit.
  var limits: [String: Int] = [:]
  var used: [String: Int] = [:]

  /// From a line of `scontrol -o show assoc_mgr flags=assoc`; nil when it is no account's.
  init?(line: String) {
    let fields = line.split(separator: " ").map { $0.split(separator: "=", maxSplits: 1) }
    func field(_ name: String) -> Substring? { fields.first { $0.first == name[...] }?.dropFirst().first }
    guard let account = field("Account"), field("UserName") == nil, let amounts = field("GrpTRES") else {
      return nil
    }
    self.account = String(account)
    // Such as `cpu=8(3)`, or `mem=N(300)`.
    for part in amounts.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1)
      guard sides.count == 2 else { continue }
      let numbers = sides[1].split(separator: "(").map { $0.prefix { $0.isNumber } }
      limits[String(sides[0])] = numbers.first.flatMap { Int($0) }
      used[String(sides[0])] = numbers.dropFirst().first.flatMap { Int($0) }
    }
  }
}

extension Lab {
  /// Of each of the accounts that slurmctld knows.
  func associations(
    of accounts: [String], _ cluster: Cluster, timeout: Int = 60
  ) throws -> [AssociationRow] {
    try slurm(
      cluster,
      ["scontrol", "-o", "show", "assoc_mgr", "accounts=\(accounts.joined(separator: ","))", "flags=assoc"],
      timeout: timeout
    ).lines.compactMap { AssociationRow(line: $0) }
  }

  /// The CPUs that slurmctld itself holds each account to; an account that it doesn't know or limit is not there.
  func nativeLimits(of accounts: [String], _ cluster: Cluster, timeout: Int = 60) throws -> [String: Int] {
    var limits: [String: Int] = [:]
    for row in try associations(of: accounts, cluster, timeout: timeout) {
      limits[row.account] = row.limits["cpu"]
    }
    return limits
  }
}
