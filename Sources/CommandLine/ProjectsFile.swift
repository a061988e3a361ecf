internal import Model
internal import Wire
internal import YAML

/// Reads `projects.yaml`. Each complaint names file, line and field.
enum ProjectsFile {
  private static let notSupported = "this is not supported by this release: remove it"
  private static let laterFields = ["shares"]

  static func projects(_ top: YAMLValue) throws(YAMLFault) -> [Project] {
    var file = try top.mapping()
    guard let list = file.value("projects") else { throw file.missing("projects") }
    try file.finish()
    let entries = try list.list()
    guard !entries.isEmpty else { throw list.fault("this names no project") }
    guard entries.count <= PlanRequest.mostProjects else {
      throw list.fault(
        "at most \(PlanRequest.mostProjects) projects can be given; these are \(entries.count)")
    }
    var lines: [ProjectName: Int] = [:]
    var projects: [Project] = []
    for entry in entries {
      let project = try project(entry)
      if let line = lines[project.name] {
        throw entry.fault("project '\(project.name)' is given twice: first in line \(line)")
      }
      lines[project.name] = entry.line
      projects.append(project)
    }
    return projects
  }

  private static func project(_ entry: YAMLValue) throws(YAMLFault) -> Project {
    var fields = try entry.mapping()
    let name = try fields.parsed("name") { text throws(NameError) in try ProjectName(text) }
    let parent = try fields.parsed("parent") { text throws(NameError) in try ProjectName(text) }
    let limits = fields.value("limits")
    let jobs = fields.value("jobs")
    let borrow = fields.value("borrow")
    let lend = fields.value("lend")
    let budget = fields.value("budget")
    let perUser = fields.value("per_user")
    let members = fields.value("members")
    let clusters = fields.value("clusters")
    try fields.refuse(Dictionary(uniqueKeysWithValues: laterFields.map { ($0, notSupported) }))
    try fields.finish()
    guard let name else { throw fields.missing("name") }
    guard let limits else { throw fields.missing("limits") }
    guard let clusters else { throw fields.missing("clusters") }
    return Project(
      name: name, parent: parent, limits: try self.limits(limits, jobs),
      borrow: try amounts(borrow), lend: try amounts(lend),
      budget: try budget.map { value throws(YAMLFault) in try BudgetField.read(value) },
      perUser: try self.perUser(perUser),
      members: try members.map { value throws(YAMLFault) in try self.members(value) } ?? [:],
      clusters: try self.clusters(clusters, of: name))
  }

  /// - Parameter jobs: another way to write `jobs/running` and all else that counts jobs.
  private static func limits(_ value: YAMLValue, _ jobs: YAMLValue?) throws(YAMLFault) -> TRESAmounts {
    var limits = try amounts(value)
    try insert(jobs: jobs, into: &limits)
    guard !limits.isEmpty else { throw value.fault("at least one limit must be given") }
    return limits
  }

  /// As `limits` and `jobs` are for the project: here the jobs stand among the others.
  private static func perUser(_ value: YAMLValue?) throws(YAMLFault) -> TRESAmounts {
    var caps = TRESAmounts()
    for entry in try value?.entries() ?? [] {
      if entry.key == "jobs" {
        try insert(jobs: entry.value, into: &caps)
      } else {
        try insert(entry, as: entry.key, into: &caps)
      }
    }
    return caps
  }

  private static let jobCounts = ["running", "submitted"] + JobType.allCases.map(\.rawValue)

  private static func insert(jobs: YAMLValue?, into limits: inout TRESAmounts) throws(YAMLFault) {
    for entry in try jobs?.entries() ?? [] {
      guard jobCounts.contains(entry.key) else {
        throw entry.value.fault(
          "there is no such count of jobs: known here are \(jobCounts.joined(separator: ", "))")
      }
      try insert(entry, as: "jobs/\(entry.key)", into: &limits)
    }
  }

  /// - Parameter read: What an amount is written as.
  static func amounts(
    _ value: YAMLValue?, as read: (String, TRES) throws(AmountError) -> Amount = Amount.init(parsing:of:)
  ) throws(YAMLFault) -> TRESAmounts {
    var amounts = TRESAmounts()
    for entry in try value?.entries() ?? [] { try insert(entry, as: entry.key, into: &amounts, read) }
    return amounts
  }

  private static func insert(
    _ entry: YAMLEntry, as name: String, into amounts: inout TRESAmounts,
    _ read: (String, TRES) throws(AmountError) -> Amount = Amount.init(parsing:of:)
  ) throws(YAMLFault) {
    let amount = try entry.value.text()
    do throws(TRESError) {
      try amounts.insert(try TRES(name), parsing: amount, as: read)
    } catch .amount(_, let error) {
      // The fault names the field already.
      throw entry.value.fault(error.description)
    } catch {
      throw entry.value.fault(error.description)
    }
  }

  private static func members(_ value: YAMLValue) throws(YAMLFault) -> NameMap<UserTag, MemberRole> {
    var members: NameMap<UserTag, MemberRole> = [:]
    for entry in try value.entries() {
      let user: UserName = try name(entry)
      let role = try entry.value.text()
      guard let role = MemberRole(rawValue: role) else {
        throw entry.value.fault("'\(role.beginning)' is not a role: use admin or user")
      }
      members[user] = role
    }
    return members
  }

  private static func clusters(
    _ value: YAMLValue, of project: ProjectName
  ) throws(YAMLFault) -> NameMap<ClusterTag, ClusterBinding> {
    var clusters: NameMap<ClusterTag, ClusterBinding> = [:]
    for entry in try value.entries() {
      let cluster: ClusterName = try name(entry)
      clusters[cluster] = try binding(entry.value, of: project)
    }
    guard !clusters.isEmpty else { throw value.fault("at least one cluster must be given") }
    return clusters
  }

  private static func binding(_ value: YAMLValue, of project: ProjectName) throws(YAMLFault) -> ClusterBinding
  {
    var account: AccountName?
    var parent: AccountName?
    if !value.isEmpty {
      var fields = try value.mapping()
      account = try fields.parsed("account") { text throws(NameError) in try AccountName(text) }
      parent = try fields.parsed("parent") { text throws(NameError) in try AccountName(text) }
      try fields.refuse(["namespaces": notSupported])
      try fields.finish()
    }
    if let account { return ClusterBinding(account: account, parent: parent) }
    do throws(NameError) {
      return ClusterBinding(account: try AccountName(project.text), parent: parent)
    } catch {
      throw value.fault(error.description)
    }
  }

  private static func name<Tag>(_ entry: YAMLEntry) throws(YAMLFault) -> Name<Tag> {
    do {
      return try Name<Tag>(entry.key)
    } catch {
      throw YAMLFault(file: entry.value.file, line: entry.line, message: "\(entry.value.field): \(error)")
    }
  }
}
