internal import Admission
internal import Agent
internal import Daemon
internal import Glibc
internal import Logging
internal import Model
internal import SlurmBackend
internal import YAML

/// `agent.yaml`; see agent.yaml(5).
struct SlurmAgentSettings {
  static let usualFile = "/etc/sluice/agent.yaml"
  private static let usualSocket = "/run/sluice/agent.sock"

  var slurm: SlurmSettings
  var socket: String
  var group: String
  var allowedUsers: [String]
  var stateDirectory: String
  /// As said; nil when it isn't.
  var admissionSocket: String?
  var defaultTypes: [TRES]
  var fillIns: [FillIn] = []
  var jobTypes: [JobTypeRule] = []
  var logLevel: Logger.Level

  init(file: String?) throws(YAMLFault) {
    var settings = try Settings.read(named: file, usual: Self.usualFile)
    let cluster = try settings.parsed("cluster") { text throws(NameError) in try ClusterName(text) }
    slurm = SlurmSettings(
      slurmConf: try settings.text("slurm_conf") ?? "/etc/slurm/slurm.conf", cluster: cluster,
      probe: true)
    socket = try settings.text("socket") ?? Self.usualSocket
    group = try settings.text("group") ?? "sluice"
    allowedUsers = try settings.texts("allow") ?? []
    stateDirectory = try settings.text("state_directory") ?? "/var/lib/sluice-agent"
    admissionSocket = try settings.text("admission_socket")
    defaultTypes = try Self.types(settings.value("default_types"))
    for var line in try settings.mappings("fill_in") ?? [] { fillIns.append(try Self.fillIn(&line)) }
    for var line in try settings.mappings("job_types") ?? [] { jobTypes.append(try Self.jobType(&line)) }
    logLevel = try settings.choice("log_level", of: Logger.Level.self) ?? .info
    try settings.finish()
  }

  private static func types(_ value: YAMLValue?) throws(YAMLFault) -> [TRES] {
    var types: [TRES] = []
    for value in try value?.list() ?? [] {
      let type = try value.parsed { text throws(TRESError) in try TRES(text) }
      guard type.name.hasPrefix("gres/"), let resource = type.untyped else {
        throw value.fault("'\(type)' is no type of a resource, as gres/gpu:h100 is")
      }
      guard !types.contains(where: { $0.untyped == resource }) else {
        throw value.fault("\(resource) has a default type already")
      }
      types.append(type)
    }
    return types
  }

  private static func fillIn(_ line: inout YAMLMapping) throws(YAMLFault) -> FillIn {
    let fillIn = FillIn(
      user: try line.text("user"), partition: try line.text("partition"),
      account: try line.parsed("account") { text throws(NameError) in try AccountName(text) },
      qos: try line.text("qos"))
    try line.finish()
    guard fillIn.account != nil || fillIn.qos != nil else { throw line.missing("account") }
    return fillIn
  }

  private static func jobType(_ line: inout YAMLMapping) throws(YAMLFault) -> JobTypeRule {
    let type = try line.choice("type", of: JobType.self)
    let (qos, partition) = (try line.text("qos"), try line.text("partition"))
    let comment = try line.parsed("comment") { text throws(CommentFault) in try commentStart(text) }
    try line.finish()
    guard let type else { throw line.missing("type") }
    guard qos != nil || partition != nil || comment != nil else {
      throw line.missing("qos, partition or comment")
    }
    return JobTypeRule(type: type, qos: qos, partition: partition, comment: comment)
  }

  /// As much as the hook tells of a comment, and of the characters that it tells as they are.
  private static func commentStart(_ text: String) throws(CommentFault) -> String {
    guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw CommentFault()
    }
    return text
  }

  private struct CommentFault: Error, CustomStringConvertible {
    var description: String { "must be 1 to 200 printable ASCII characters" }
  }

  func agent(for backend: SlurmBackend) -> AgentSettings {
    AgentSettings(
      cluster: backend.cluster, kind: "slurm", socket: socket, group: group, allowedUsers: allowedUsers,
      stateDirectory: stateDirectory,
      admission: (admissionSocket ?? usualAdmissionSocket(for: backend.slurmUser)).map {
        AdmissionSettings(
          socket: $0, caller: backend.slurmUser, defaultTypes: defaultTypes, fillIns: fillIns,
          jobTypes: jobTypes)
      })
  }

  /// None for an agent that can't give it to SlurmUser, nor for one among several on a host.
  private func usualAdmissionSocket(for slurmUser: UInt32) -> String? {
    let isFit = geteuid() == 0 || geteuid() == slurmUser
    return isFit && socket == Self.usualSocket ? "/run/sluice/admission.sock" : nil
  }
}
