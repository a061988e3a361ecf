import Foundation
import Logging
import Model
import RPC
import Wire

/// A sluiced that knows two projects and 250 audit entries, on a real socket.
final class FakeService: RPCHandler, Sendable {
  let path = "/tmp/sluice-test-\(UUID().uuidString.prefix(8)).sock"
  private let isWell: Bool

  init(isWell: Bool = true) { self.isWell = isWell }

  func serve() throws -> RPCServer {
    try RPCServer(path: path, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, handler: self)
  }

  func handle(_ call: RPCCall) {
    do {
      try answer(call)
    } catch let failure as Failure {
      call.fail(failure)
    } catch {
      call.fail(Failure(.faulty, "\(error)"))
    }
  }

  func disconnected(_ client: RPCPeer) {}

  private func answer(_ call: RPCCall) throws {
    switch call.method {
    case "project.list":
      let request = try call.parameters.decode(PageRequest.self)
      let isFirst = request.cursor == nil
      call.reply(
        Page(items: [try Samples.project(isFirst ? "genomics" : "chem")], nextCursor: isFirst ? "2" : nil))
    case "project.get", "project.delete":
      let request = try call.parameters.decode(ProjectRequest.self)
      guard request.project.text == "genomics" else {
        throw Failure(.notFound, "there is no project '\(request.project)'")
      }
      if call.method == "project.get" { call.reply(try Samples.project()) } else { call.reply(Empty()) }
    case "project.set":
      let request = try call.parameters.decode(ProjectSet.self)
      let cpu = request.project.limits[.cpu]?.text(of: .cpu)
      call.reply(
        PlanStep(
          project: request.project.name, action: .change,
          changes: [FieldChange(field: "limits.cpu", from: "8", to: cpu)], refusals: [], warnings: []))
    case "quota.watch", "quota.list": call.reply(Page(items: [try Samples.quota()], nextCursor: nil))
    case "audit.list": try answerAudit(call)
    case "usage.report":
      let request = try call.parameters.decode(UsageReportRequest.self)
      guard request.by == [.user, .project], request.since == Timestamp(seconds: 1_793_491_200) else {
        throw Failure(.badParameters, "by: \(request.by ?? []), since: \(request.since?.iso8601 ?? "")")
      }
      call.reply(
        Page(items: [
          UsageLine(project: "genomics", user: "alice", tres: .cpu, hours: 1234.5),
          UsageLine(user: "alice", tres: .cpu, hours: 617.25),
          UsageLine(project: "genomics", user: "alice", tres: .memory, hours: 1.5 * 0x1p40),
        ]))
    case "admin.backup":
      call.reply(BackupResult(path: try call.parameters.decode(BackupRequest.self).path, bytes: 4096))
    case "admin.check":
      let gap = Problem(subject: "the events", message: "number 2 is missing", advice: "restore a backup")
      call.reply(LedgerReport(findings: [gap], notes: ["projects: 2"]))
    case "status.get":
      call.reply(
        ServiceStatus(
          version: "1.0", term: 1, startedAt: Timestamp(seconds: 1000), clusters: [],
          projects: ProjectCounts(),
          problems: isWell
            ? [] : [Problem(subject: "cluster beta", message: "no answer", advice: "start it")],
          caller: "root", role: "administrator"))
    case "plan.preview", "plan.apply":
      let request = try call.parameters.decode(PlanRequest.self)
      call.reply(
        Plan(
          steps: request.projects.map {
            PlanStep(
              project: $0.name, action: .create, changes: [],
              refusals: $0.name.text == "bad" ? ["no"] : [], warnings: [])
          }))
    default: throw Failure(.unknownMethod, "there is no method '\(call.method)'")
    }
  }

  private func answerAudit(_ call: RPCCall) throws {
    let request = try call.parameters.decode(AuditRequest.self)
    let start = Int64(request.cursor ?? "0") ?? 0
    let end = min(250, start + min(100, Int64(request.limit ?? 100)))
    call.reply(
      Page(items: (start..<end).map { Samples.entry($0) }, nextCursor: end < 250 ? "\(end)" : nil))
  }
}
