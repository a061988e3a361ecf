internal import Core
internal import Ledger
internal import Model
internal import Quota
internal import RPC
internal import Wire

/// A method of sluiced's socket: its name, who may call it, and what it does.
struct Method: Sendable {
  let name: String
  /// The least role. Where it is a project's, lists leave out what the caller may not see.
  let role: Role
  let run: @Sendable (inout Writer, RPCCall, Caller, _ hasWaited: Bool) throws(Failure) -> Void

  /// The one table; docs/protocol.md prints it.
  static let all: [Method] = [
    Method("status.get", .anyone, Empty.self) { writer, _, caller in writer.status(for: caller) },
    Method("project.list", .projectUser, PageRequest.self) { writer, request, caller throws(Failure) in
      try writer.listProjects(request, for: caller)
    },
    Method("project.get", .projectUser, ProjectRequest.self) { writer, request, caller throws(Failure) in
      try writer.project(request.project, for: caller, method: "project.get").project
    },
    Method("project.set", .administrator, ProjectSet.self, inspecting: { [$0.project] }) {
      writer, request, caller throws(Failure) in
      try writer.set(request, by: caller)
    },
    Method("project.delete", .administrator, ProjectRequest.self) { writer, request, caller throws(Failure) in
      try writer.delete(request, by: caller)
    },
    Method("quota.list", .projectUser, PageRequest.self) { writer, request, caller throws(Failure) in
      try writer.listQuotas(request, for: caller)
    },
    Method("quota.get", .projectUser, ProjectRequest.self) { writer, request, caller throws(Failure) in
      try writer.quota(request.project, for: caller)
    },
    Method("quota.history", .projectUser, QuotaHistoryRequest.self) {
      writer, request, caller throws(Failure) in
      try writer.quotaHistory(request, for: caller)
    },
    Method(watching: "quota.watch", .projectUser),
    Method("budget.list", .projectUser, PageRequest.self) { writer, request, caller throws(Failure) in
      try writer.listBudgets(request, for: caller)
    },
    Method("budget.get", .projectUser, ProjectRequest.self) { writer, request, caller throws(Failure) in
      try writer.budgetStatus(request.project, for: caller)
    },
    Method("budget.credit", .administrator, BudgetChange.self) { writer, request, caller throws(Failure) in
      try writer.credit(request, isDebit: false, by: caller)
    },
    Method("budget.debit", .administrator, BudgetChange.self) { writer, request, caller throws(Failure) in
      try writer.credit(request, isDebit: true, by: caller)
    },
    Method("cluster.list", .anyone, PageRequest.self) { writer, request, _ throws(Failure) in
      try writer.listClusters(request)
    },
    Method("cluster.get", .anyone, ClusterRequest.self) { writer, request, _ throws(Failure) in
      try writer.clusterStatus(request.cluster)
    },
    Method("cluster.drain", .administrator, ClusterRequest.self) { writer, request, caller throws(Failure) in
      try writer.drain(request, true, by: caller)
    },
    Method("cluster.resume", .administrator, ClusterRequest.self) { writer, request, caller throws(Failure) in
      try writer.drain(request, false, by: caller)
    },
    Method("audit.list", .projectAdmin, AuditRequest.self) { writer, request, caller throws(Failure) in
      try writer.listAudit(request, for: caller)
    },
    Method("plan.preview", .administrator, PlanRequest.self, inspecting: \.projects) {
      writer, request, _ throws(Failure) in
      try writer.preview(request)
    },
    Method("plan.apply", .administrator, PlanRequest.self, inspecting: \.projects) {
      writer, request, caller throws(Failure) in
      try writer.apply(request, by: caller)
    },
    Method(aside: "usage.report", on: .report, .projectUser, UsageReportRequest.self) {
      writer, request, caller throws(Failure) in
      try writer.usageReport(request, for: caller)
    },
    Method(aside: "admin.backup", on: .ledgerCare, .administrator, BackupRequest.self) {
      writer, request, caller throws(Failure) in
      try writer.backup(request, by: caller)
    },
    Method(aside: "admin.check", on: .ledgerCare, .administrator, Empty.self) { writer, _, _ in
      writer.checkLedger()
    },
  ]

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  static func named(_ name: String) throws(Failure) -> Method {
    guard let method = byName[name] else {
      throw Failure(.unknownMethod, "there is no method '\(name.prefix(80))'")
    }
    return method
  }

  /// A method that answers with a value, once the round is durable. It waits for the clusters to be read
  /// where the projects that it is `inspecting` have accounts there that nobody has looked at yet.
  private init<Request: Decodable & Sendable, Result: Encodable & Sendable>(
    _ name: String, _ role: Role, _: Request.Type,
    inspecting projects: @escaping @Sendable (Request) -> [Project] = { _ in [] },
    _ body: @escaping @Sendable (inout Writer, Request, Caller) throws(Failure) -> Result
  ) {
    self.name = name
    self.role = role
    run = { writer, call, caller, hasWaited throws(Failure) in
      let request = try call.parameters.decode(Request.self)
      if !hasWaited, writer.wait(call, toInspect: projects(request)) { return }
      let result = try body(&writer, request, caller)
      writer.round.answers.append { call.reply(result) }
    }
  }

  /// A method that is answered by a thread of its own; `body` only says what that is to do.
  private init<Request: Decodable & Sendable, Result: Encodable & Sendable>(
    aside name: String, on errand: Errand, _ role: Role, _: Request.Type,
    _ body:
      @escaping @Sendable (Writer, Request, Caller) throws(Failure)
      -> @Sendable (any Ledger) throws(Failure) -> (Result, AuditRecord?)
  ) {
    self.name = name
    self.role = role
    run = { writer, call, caller, _ throws(Failure) in
      let work = try body(writer, try call.parameters.decode(Request.self), caller)
      try writer.send(call, on: errand, work)
    }
  }

  private init(watching name: String, _ role: Role) {
    self.name = name
    self.role = role
    run = { writer, call, caller, _ throws(Failure) in
      let page = try writer.listQuotas(try call.parameters.decode(PageRequest.self), for: caller)
      try writer.watchers.add(call.client, as: caller)
      writer.round.answers.append { call.reply(page) }
    }
  }
}

extension Writer {
  mutating func answer(_ call: RPCCall, hasWaited: Bool = false) {
    do {
      let method = try Method.named(call.method)
      let caller = caller(of: call)
      // A project's role is asked once the project is known.
      if method.role == .administrator { try caller.require(.administrator, of: state, for: method.name) }
      try method.run(&self, call, caller, hasWaited)
    } catch {
      round.answers.append { call.fail(error) }
    }
  }
}
