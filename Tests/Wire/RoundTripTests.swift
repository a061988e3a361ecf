import Model
import Testing
import Wire

@Suite struct RoundTripTests {
  private func expectRoundTrip<T: Codable & Equatable>(_ value: T) throws {
    let bytes = JSON.encode(value)
    #expect(try JSON.decode(T.self, from: bytes) == value)
  }

  @Test func agentTypes() throws {
    try expectRoundTrip(Samples.hello)
    try expectRoundTrip(Samples.detail)
    try expectRoundTrip(Samples.usage)
    try expectRoundTrip(Samples.listed)
    try expectRoundTrip(
      LimitVoid(kind: .partitionAssociations, account: Samples.association, reason: "a reason"))
    try expectRoundTrip(UsageRequest(accounts: [Samples.name("genomics"), Samples.association]))
    try expectRoundTrip(Samples.qos)
    try expectRoundTrip(Samples.job)
    try expectRoundTrip(Samples.write)
    try expectRoundTrip(Samples.writeResult)
    try expectRoundTrip(Samples.rules)
    try expectRoundTrip(AdmissionRulesResult(accounts: 7))
    try expectRoundTrip(
      AdmissionRequest(account: "genomics", user: "alice", tres: Samples.amounts))
    try expectRoundTrip(
      AdmissionRequest(
        account: nil, defaultAccount: "genomics", user: "alice", partition: "gpu", qos: "high",
        defaultQos: "normal", comment: "train: it", tres: [:]))
    try expectRoundTrip(AdmissionDecision(decision: .deny, message: "no"))
    try expectRoundTrip(
      AdmissionDecision(
        decision: .allow, account: Samples.name("genomics"), qos: "high", jobType: .training,
        jobTypes: [.training, .workflow]))
    try expectRoundTrip(AdmissionDecision(decision: .allow, types: [Samples.gres("gres/gpu:h100")]))
    try expectRoundTrip(UsageRequest(accounts: [Samples.name("genomics")]))
    try expectRoundTrip(JobsRequest(ids: ["1"], state: .outOfMemory, limit: 5))
    try expectRoundTrip(JobsChanged(jobs: [Samples.job], gone: ["9"]))
    try expectRoundTrip(ChargesRequest(cursor: "c", since: Samples.time, limit: 5))
    try expectRoundTrip(
      ChargesPage(cluster: Samples.name("alpha"), charges: [Samples.charge], cursor: "c", more: true))
  }

  @Test func aUsersAssociationIsTwoFields() throws {
    let row = JSONText.of(LimitOutcome(account: Samples.association, outcome: .confirmed, limits: nil))
    #expect(row == #"{"account":"genomics","user":"alice","outcome":"confirmed"}"#)
    let request = JSONText.of(UsageRequest(accounts: [Samples.association, Samples.name("genomics")]))
    #expect(request == #"{"accounts":["genomics"],"users":{"genomics":["alice"]}}"#)
    #expect(throws: Failure.self) {
      try JSON.decode(UsageRequest.self, from: Array(#"{"accounts":["genomics:alice"]}"#.utf8))
    }
  }

  private enum JSONText {
    static func of(_ value: some Encodable) -> String { String(decoding: JSON.encode(value), as: UTF8.self) }
  }

  @Test func coordinatorTypes() throws {
    try expectRoundTrip(Samples.project)
    try expectRoundTrip(ProjectSet(project: Samples.project, acceptUnenforced: true, reason: "r"))
    try expectRoundTrip(PlanRequest(projects: [Samples.project]))
    try expectRoundTrip(Samples.plan)
    try expectRoundTrip(Samples.quota)
    try expectRoundTrip(Samples.budgeted)
    try expectRoundTrip(Samples.budget)
    try expectRoundTrip(Samples.denial)
    var withUsers = Samples.quota
    withUsers.users = [
      QuotaUser(
        user: Samples.name("alice"), state: .ok, reasons: [], tres: Samples.quota.tres,
        clusters: Samples.quota.clusters)
    ]
    try expectRoundTrip(withUsers)
    try expectRoundTrip(QuotaRequest(project: Samples.name("genomics"), user: Samples.name("alice")))
    try expectRoundTrip(QuotaChanged(quotas: [Samples.quota], gone: [Samples.name("old")]))
    try expectRoundTrip(Samples.status)
    try expectRoundTrip(Samples.cluster)
    try expectRoundTrip(ProjectRequest(project: Samples.name("genomics"), reason: nil))
    try expectRoundTrip(ClusterRequest(cluster: Samples.name("alpha"), reason: "work"))
    try expectRoundTrip(AuditRequest(project: Samples.name("genomics"), cursor: "c"))
    try expectRoundTrip(Samples.audit)
    try expectRoundTrip(
      UsageReportRequest(
        by: [.user, .month], project: Samples.name("genomics"), tres: .gpu, since: Samples.time))
    try expectRoundTrip(UsageLine(project: "genomics", month: "2026-11", tres: .memory, hours: 1.25))
  }

  @Test func pagesAndFailures() throws {
    let page = Page(items: [Samples.audit, Samples.audit], nextCursor: "next")
    let again = try JSON.decode(Page<AuditEntry>.self, from: JSON.encode(page))
    #expect(again.items == page.items && again.nextCursor == "next")
    for code in FailureCode.allCases { try expectRoundTrip(Failure(code, "m", cause: "c")) }
    #expect(text(Empty()) == "{}")
    #expect(text(PageRequest(limit: 3)) == #"{"limit":3}"#)
  }

  @Test func keysAreSnakeCaseButDataIsVerbatim() throws {
    #expect(text(Samples.hello).contains(#""boot_time":1790000000.25,"#))
    #expect(text(Samples.job).contains(#""array_job_id":"1230""#))
    #expect(text(Samples.project).contains(#""aliceB":"admin","bob_x":"user""#))
    #expect(text(Samples.amounts).contains(#""gres/gpu:a100_80GB":4"#))
    #expect(text(Samples.amounts).contains(#""cpu":1.5,"#))
  }

  @Test func numbersAreExact() throws {
    for value in [Int64.min, .max, 0, -1, 9_007_199_254_740_993] { try expectRoundTrip([value]) }
    for value in [0.1, -0.0, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 1.0 / 3] {
      let again = try JSON.decode([Double].self, from: JSON.encode([value]))
      #expect(again.first?.bitPattern == value.bitPattern)
    }
    #expect(text([Double.infinity, -.infinity, .nan]) == "[null,null,null]")
    #expect(try JSON.decode(Int.self, from: Array("3.0".utf8)) == 3)
  }

  @Test func stringsAreEscaped() throws {
    let hard = "\u{0}\u{1}\u{1F}\u{7F}\"\\/\n\t\r é 漢 \u{1F600} \u{2028}"
    let bytes = JSON.encode([String(hard.dropFirst())])
    #expect(bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F })
    #expect(try JSON.decode([String].self, from: bytes) == [String(hard.dropFirst())])
    #expect(text("a\"\\\n\u{1}") == #""a\"\\\n\u0001""#)
    #expect(try JSON.decode(String.self, from: Array(#""\ud83d\ude00\u00e9""#.utf8)) == "\u{1F600}é")
  }

  @Test func anyJSON() throws {
    let source = #"{"b":[1,-2.5,null,true,"x"],"a":{"camelCase":{},"snake_case":[]}}"#
    let value = try JSON.decode(JSONValue.self, from: Array(source.utf8))
    #expect(text(value) == source)
    #expect(value["a"]?["camelCase"] == .object([]))
    #expect(value["b"] == .array([.integer(1), .number(-2.5), .null, .bool(true), .string("x")]))
    #expect(value["c"] == nil)
    #expect(Set([value, value]).count == 1)
  }

  private enum Shape: Codable, Equatable {
    case circle(radius: Int)
    case nothing
  }

  @Test func nestedContainers() throws {
    try expectRoundTrip([Shape.circle(radius: 3), .nothing])
    try expectRoundTrip([[[1], []], [[2, 3]]])
    try expectRoundTrip([1, nil, 3] as [Int?])
  }

  private func text(_ value: some Encodable) -> String { String(decoding: JSON.encode(value), as: UTF8.self) }
}
