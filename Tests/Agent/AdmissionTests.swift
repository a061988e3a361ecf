import Admission
import Agent
import Foundation
import Model
import RPC
import Testing
import Wire

@Suite struct AdmissionTests {
  /// An agent that answers a hook of this process's own user.
  private func lab(
    caller: UInt32 = geteuid(), defaultTypes: [TRES] = [], fillIns: [FillIn] = [],
    jobTypes: [JobTypeRule] = []
  ) throws -> Lab {
    let lab = try Lab()
    lab.stop()
    try start(lab, caller: caller, defaultTypes: defaultTypes, fillIns: fillIns, jobTypes: jobTypes)
    return lab
  }

  private func start(
    _ lab: Lab, caller: UInt32 = geteuid(), defaultTypes: [TRES] = [], fillIns: [FillIn] = [],
    jobTypes: [JobTypeRule] = []
  ) throws {
    try lab.start {
      $0.admission = AdmissionSettings(
        socket: lab.admissionSocket, caller: caller, defaultTypes: defaultTypes, fillIns: fillIns,
        jobTypes: jobTypes)
    }
  }

  private func rule(_ account: String, cpu: Int64) -> AccountRule {
    rule(account, caps: [.cpu: Amount(units: cpu)])
  }

  private func rule(_ account: String, caps: TRESAmounts) -> AccountRule {
    AccountRule(account: name(account), holders: [CapHolder(project: name(account), caps: caps)])
  }

  private func tell(
    _ lab: Lab, _ sequence: Int64, _ rules: [AccountRule], gone: [String] = [], since: Int64? = nil
  ) throws {
    let client = try lab.connect()
    defer { client.close() }
    let rules = AdmissionRules(
      number: WriteNumber(term: 3, sequence: sequence), accounts: rules, gone: gone.map { name($0) },
      since: since.map { WriteNumber(term: 3, sequence: $0) })
    _ = try client.call("admission.apply", rules, as: AdmissionRulesResult.self, timeout: 20)
  }

  private func ask(_ lab: Lab, _ account: String, _ tres: TRESAmounts) throws -> AdmissionDecision {
    try ask(lab, AdmissionRequest(account: account, user: "alice", tres: tres))
  }

  private func ask(_ lab: Lab, _ request: AdmissionRequest) throws -> AdmissionDecision {
    let client = try RPCClient.connect(path: lab.admissionSocket, timeout: 20)
    defer { client.close() }
    return try client.call("admission.check", request, as: AdmissionDecision.self, timeout: 20)
  }

  private func isAllowed(_ lab: Lab, _ account: String, cpu: Int64) throws -> Bool {
    try ask(lab, account, [.cpu: Amount(units: cpu)]).decision == .allow
  }

  @Test func theRulesThatWereToldDecide() throws {
    let lab = try lab()
    #expect(try isAllowed(lab, "genomics", cpu: 65), "nothing is known yet")
    try tell(lab, 1, [rule("genomics", cpu: 64), rule("physics", cpu: 8)])
    #expect(try isAllowed(lab, "genomics", cpu: 64))
    #expect(
      try ask(lab, "genomics", [.cpu: Amount(units: 65)])
        == AdmissionDecision(
          decision: .deny,
          message: "project genomics may use 64 cpu at once over all clusters; this job asks for 65 cpu"))
    try tell(lab, 2, [rule("genomics", cpu: 65)], gone: ["physics"])
    #expect(try isAllowed(lab, "genomics", cpu: 65))
    #expect(try isAllowed(lab, "physics", cpu: 9))
  }

  @Test func wholeNodesOfThePartitionCount() throws {
    let lab = try lab()
    try tell(lab, 1, [rule("genomics", cpu: 64)])
    lab.backend.set([AlikeNodes(count: 2, each: [.cpu: Amount(units: 48)])], of: "batch")
    var request = AdmissionRequest(
      account: "genomics", user: "alice", partition: "batch",
      tres: [.cpu: Amount(units: 2), .node: Amount(units: 2)], wholeNodes: WholeNodes(exclusive: true))
    #expect(
      try ask(lab, request).message?.hasSuffix("this job's nodes would give it at least 96 cpu") == true)
    request.tres[.node] = Amount(units: 1)
    #expect(try ask(lab, request).decision == .allow)
    request.tres[.node] = Amount(units: 2)
    request.partition = "unknown"
    #expect(try ask(lab, request).decision == .allow)
  }

  @Test func theDefaultTypeIsToldToTheHook() throws {
    let type = try TRES("gres/gpu:h100")
    let lab = try lab(defaultTypes: [type])
    try tell(
      lab, 1,
      [rule("genomics", caps: [type: Amount(units: 4)])])
    let decision = try ask(lab, "genomics", [.gpu: Amount(units: 2)])
    #expect(decision == AdmissionDecision(decision: .allow, types: [type]))
  }

  @Test func whatAJobDoesNotSayIsFilledIn() throws {
    let lab = try lab(fillIns: [FillIn(user: "alice", account: name("genomics"), qos: "high")])
    try tell(lab, 1, [rule("genomics", cpu: 64), rule("physics", cpu: 8)])
    var request = AdmissionRequest(
      account: nil, defaultAccount: "physics", user: "alice", tres: [.cpu: Amount(units: 64)])
    #expect(
      try ask(lab, request) == AdmissionDecision(decision: .allow, account: name("genomics"), qos: "high"))
    request.tres = [.cpu: Amount(units: 65)]
    #expect(try ask(lab, request).message?.contains("project genomics may use 64 cpu") == true)
    request.account = "other"
    request.qos = "normal"
    #expect(try ask(lab, request) == AdmissionDecision(decision: .allow), "what it says stays")
    request.account = nil
    request.user = "bob"
    #expect(try ask(lab, request).message?.contains("project physics may use 8 cpu") == true)
    request.defaultAccount = nil
    #expect(try ask(lab, request) == AdmissionDecision(decision: .allow), "Slurm refuses it")
  }

  @Test func aJobIsToldItsTypeAndHeldToTheCapOnIt() throws {
    let types: [JobType] = [.training, .inference]
    let lab = try lab(
      fillIns: [FillIn(partition: "gpu", qos: "train")],
      jobTypes: [
        JobTypeRule(type: .training, qos: "train"), JobTypeRule(type: .inference, comment: "serve:"),
      ])
    try tell(lab, 1, [rule("genomics", caps: [JobType.training.tres: Amount(units: 0)])])
    var request = AdmissionRequest(account: "physics", user: "alice", qos: "train", tres: [:])
    func answer(_ type: JobType?, qos: String? = nil) -> AdmissionDecision {
      AdmissionDecision(decision: .allow, qos: qos, jobType: type, jobTypes: types)
    }
    #expect(try ask(lab, request) == answer(.training), "in every account")
    request.account = "genomics"
    #expect(try ask(lab, request).message?.contains("may run 0 training jobs at once") == true)
    request.qos = nil
    request.comment = "serve: it"
    request.tres = [JobType.training.tres: Amount(units: 1)]
    #expect(try ask(lab, request) == answer(.inference), "what it asks for itself is no type")
    request.defaultQos = "train"
    #expect(try ask(lab, request).decision == .deny)
    request.account = "physics"
    request.comment = nil
    request.defaultQos = "normal"
    #expect(try ask(lab, request) == answer(nil))
    request.partition = "gpu"
    #expect(try ask(lab, request) == answer(.training, qos: "train"), "by the QOS that it is given")
    let hello = try lab.connect().call("agent.hello", Empty(), as: AgentHello.self, timeout: 20)
    #expect(hello.jobTypes == types)
  }

  @Test func aJobThatCouldBeOfTwoTypesIsToNameOnePartition() throws {
    let lab = try lab(jobTypes: [
      JobTypeRule(type: .inference, partition: "serve"), JobTypeRule(type: .training, partition: "train"),
    ])
    var request = AdmissionRequest(account: "genomics", user: "alice", partition: "train,serve", tres: [:])
    #expect(
      try ask(lab, request)
        == AdmissionDecision(
          decision: .deny,
          message: "name one partition: among those that this job names, it would be of different types "
            + "(training, inference)"))
    request.partition = "train,batch"
    #expect(try ask(lab, request).jobType == .training)
  }

  @Test func anAccountThatCanHaveNoRuleIsAllowed() throws {
    let lab = try lab()
    try tell(lab, 1, [rule("genomics", cpu: 64)])
    #expect(try isAllowed(lab, "a b/c", cpu: 65))
    #expect(try isAllowed(lab, "", cpu: 65))
  }

  @Test func olderRulesAreRefused() throws {
    let lab = try lab()
    try tell(lab, 2, [rule("genomics", cpu: 64)])
    for late in [1, 2] {
      let refused = failure { try tell(lab, Int64(late), [rule("genomics", cpu: 1)]) }
      #expect(refused?.code == .outdated)
    }
    #expect(try isAllowed(lab, "genomics", cpu: 64))
  }

  @Test func aWholeSetTakesThePlaceOfAnother() throws {
    let lab = try lab()
    try tell(lab, 1, [rule("genomics", cpu: 64), rule("physics", cpu: 8)])
    try tell(lab, 2, [rule("genomics", cpu: 64)])
    #expect(try !isAllowed(lab, "physics", cpu: 9), "the set is not at its end")
    try tell(lab, 3, [rule("biology", cpu: 1)], since: 2)
    #expect(try isAllowed(lab, "physics", cpu: 9))
    #expect(try !isAllowed(lab, "genomics", cpu: 65))
    #expect(try !isAllowed(lab, "biology", cpu: 2))
  }

  @Test func rulesSurviveARestart() throws {
    let lab = try lab()
    try tell(lab, 7, [rule("genomics", cpu: 64)])
    lab.stop()
    try start(lab)
    #expect(try !isAllowed(lab, "genomics", cpu: 65))
    let client = try lab.connect()
    let hello = try client.call("agent.hello", Empty(), as: AgentHello.self, timeout: 20)
    #expect(hello.rules == WriteNumber(term: 3, sequence: 7))
    #expect(hello.capabilities.contains(AgentHello.admission))
  }

  @Test func rulesAreOnDiskSoonAfterTheyWereTold() throws {
    let lab = try lab()
    try tell(lab, 1, [rule("genomics", cpu: 64)])
    let path = lab.folder + "/state/admission-rules.json"
    waitFor("the rules are not on disk") {
      ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").contains("genomics")
    }
  }

  @Test func rulesThatAreDamagedAreToldAnew() throws {
    let lab = try Lab()
    lab.stop()
    try Data("{".utf8).write(to: URL(fileURLWithPath: lab.folder + "/state/admission-rules.json"))
    try start(lab)
    #expect(try isAllowed(lab, "genomics", cpu: 65))
    try tell(lab, 1, [rule("genomics", cpu: 64)])
    #expect(try !isAllowed(lab, "genomics", cpu: 65))
  }

  @Test func aMessageIsBounded() throws {
    let lab = try lab()
    let rules = (0...AdmissionRules.mostAccounts).map { rule("a\($0)", cpu: 1) }
    #expect(failure { try tell(lab, 1, rules) }?.code == .badParameters)
  }

  @Test func aNoticeHasTheBackendLookAtOnce() throws {
    let lab = try lab()
    let client = try RPCClient.connect(path: lab.admissionSocket, timeout: 20)
    _ = try client.call("jobs.notice", Empty(), as: Empty.self, timeout: 20)
    #expect(lab.backend.lookCount == 1)
  }

  @Test func theSocketTakesNothingElse() throws {
    let lab = try lab()
    let client = try RPCClient.connect(path: lab.admissionSocket, timeout: 20)
    let refused = failure { _ = try client.callRaw("agent.hello", Empty(), timeout: 20) }
    #expect(refused == Failure(.unknownMethod, "this socket has no method 'agent.hello'"))
    let agent = try lab.connect()
    #expect(
      failure { _ = try agent.callRaw("admission.check", Empty(), timeout: 20) }?.code == .unknownMethod)
  }

  @Test(.enabled(if: geteuid() == 0, "takes root to become another user"))
  func onlyTheHooksUserMayAsk() throws {
    let lab = try lab(caller: 1)
    let question =
      #"{"jsonrpc":"2.0","id":1,"method":"admission.check","params":{"account":"a","user":"u","tres":{}}}"#
    let attributes = try FileManager.default.attributesOfItem(atPath: lab.admissionSocket)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(attributes[.ownerAccountID] as? Int == 1)
    #expect(try answer(to: question, as: 1, at: lab.admissionSocket).contains(#""decision":"allow""#))
    #expect(try answer(to: question, as: 54321, at: lab.admissionSocket) == "")
    // Nor would it be answered if the file let it in.
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: lab.admissionSocket)
    let stranger = try answer(to: question, as: 54321, at: lab.admissionSocket)
    #expect(stranger.contains("uid 54321 may not ask here"))
  }
}
