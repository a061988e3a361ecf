import Admission
import Model
import Testing

@Suite struct DecideTests {
  private func amounts(_ text: String) throws -> TRESAmounts {
    text.isEmpty ? TRESAmounts() : try TRESAmounts(parsing: text)
  }

  private func holder(_ name: String, _ caps: String) throws -> Rule.Holder {
    Rule.Holder(project: try ProjectName(name), caps: try amounts(caps))
  }

  private func decision(_ asked: String, caps: String, defaultTypes: [String] = []) throws -> Decision {
    decide(
      try amounts(asked), under: Rule(holders: [try holder("genomics", caps)]),
      defaultTypes: try defaultTypes.map { try TRES($0) })
  }

  @Test func aJobWithinTheCapsIsAllowed() throws {
    #expect(try decision("cpu=64,mem=1T,node=2", caps: "cpu=64,mem=1T") == .allow(types: []))
    #expect(try decision("cpu=64,gres/gpu=8", caps: "") == .allow(types: []))
  }

  @Test func aJobThatCanNeverRunIsDeniedWithNumbers() throws {
    #expect(
      try decision("cpu=128", caps: "cpu=64")
        == .deny("project genomics may use 64 cpu at once over all clusters; this job asks for 128 cpu"))
    #expect(
      try decision("cpu=128,mem=2T,node=1", caps: "cpu=64,mem=1536G,node=4")
        == .deny(
          "project genomics may use 64 cpu and 1536G mem at once over all clusters; "
            + "this job asks for 128 cpu and 2T mem"))
    #expect(
      try decision("gres/gpu=1", caps: "gres/gpu=0")
        == .deny(
          "project genomics may use 0 gres/gpu at once over all clusters; this job asks for 1 gres/gpu"))
  }

  @Test func aJobBeyondACapPerUserIsDenied() throws {
    let rule = Rule(holders: [
      try holder("genomics", "gres/gpu=16"),
      Rule.Holder(
        project: try ProjectName("genomics"), caps: try amounts("gres/gpu=8,cpu=4"), isPerUser: true),
    ])
    #expect(decide(try amounts("gres/gpu=8,cpu=4"), under: rule, defaultTypes: []) == .allow(types: []))
    #expect(
      decide(try amounts("gres/gpu=9"), under: rule, defaultTypes: [])
        == .deny(
          "each user of project genomics may use 8 gres/gpu at once over all clusters; "
            + "this job asks for 9 gres/gpu"))
  }

  @Test func anAccountThatSluiceDoesNotKnowIsAllowedAll() throws {
    #expect(decide(try amounts("cpu=100000"), under: nil, defaultTypes: []) == .allow(types: []))
  }

  @Test func eachProjectAboveHoldsTheJobToo() throws {
    let rule = Rule(holders: [
      try holder("genomics", "cpu=64"), try holder("biology", "cpu=32,gres/gpu:h100=2"),
    ])
    let types = [try TRES("gres/gpu:h100")]
    #expect(decide(try amounts("cpu=32"), under: rule, defaultTypes: []) == .allow(types: []))
    #expect(
      decide(try amounts("cpu=40"), under: rule, defaultTypes: [])
        == .deny("project biology may use 32 cpu at once over all clusters; this job asks for 40 cpu"))
    #expect(
      decide(try amounts("cpu=65"), under: rule, defaultTypes: [])
        == .deny("project genomics may use 64 cpu at once over all clusters; this job asks for 65 cpu"))
    #expect(decide(try amounts("gres/gpu=2"), under: rule, defaultTypes: types) == .allow(types: types))
  }

  @Test func whatWouldUseASpentBudgetIsDenied() throws {
    func spent(_ name: String) throws -> Rule.Holder {
      let budget = SpentBudget(
        tres: try TRES(name), budget: Amount(units: 10_000), charged: Amount(units: 10_003), held: .zero,
        period: "2026 Q4", isCurrent: true, renews: "2027-01-01")
      return Rule.Holder(project: try ProjectName("biology"), caps: [:], spent: [budget])
    }
    let genomics = try holder("genomics", "cpu=64")
    let gpus = Rule(holders: [genomics, try spent("gres/gpu")])
    let sentence =
      "project biology has spent its budget of 10000 gres/gpu-hours for 2026 Q4: 10003 used, 0 left; "
      + "it begins anew on 2027-01-01"
    #expect(decide(try amounts("cpu=1,gres/gpu:h100=1"), under: gpus, defaultTypes: []) == .deny(sentence))
    #expect(decide(try amounts("cpu=1"), under: gpus, defaultTypes: []) == .allow(types: []))
    let typed = Rule(holders: [genomics, try spent("jobs/training")])
    #expect(decide(try amounts("cpu=1"), under: typed, defaultTypes: []) == .allow(types: []))
    let billing = Rule(holders: [genomics, try spent("billing")])
    guard case .deny = decide(try amounts("cpu=1"), under: billing, defaultTypes: []) else {
      Issue.record("no job says what it is billed, and each is")
      return
    }
  }

  @Test func aJobOfATypeThatMayNeverRunIsDeniedInWords() throws {
    let sentence = "may run 0 training jobs at once over all clusters; this job is one"
    #expect(
      try decision("cpu=9,jobs/training=1", caps: "cpu=8,jobs/training=0")
        == .deny("project genomics \(sentence)"))
    #expect(try decision("cpu=8,jobs/training=1", caps: "cpu=8,jobs/training=1") == .allow(types: []))
    #expect(try decision("cpu=8,jobs/inference=1", caps: "jobs/training=0") == .allow(types: []))
    let perUser = Rule.Holder(
      project: try ProjectName("genomics"), caps: try amounts("jobs/training=0"), isPerUser: true)
    #expect(
      decide(try amounts("jobs/training=1"), under: Rule(holders: [perUser]), defaultTypes: [])
        == .deny("each user of project genomics \(sentence)"))
  }

  @Test func aTypeCountsInTheCapOnAllTypes() throws {
    #expect(
      try decision("gres/gpu:h100=3,gres/gpu:a100=2", caps: "gres/gpu=4")
        == .deny(
          "project genomics may use 4 gres/gpu at once over all clusters; this job asks for 5 gres/gpu"))
    #expect(try decision("gres/gpu=5,gres/gpu:h100=5", caps: "gres/gpu=5") == .allow(types: []))
  }

  @Test func anUntypedRequestIsRefusedWhereATypeIsCapped() throws {
    let refused = Decision.deny(
      "project genomics has a cap on gres/gpu:h100, so its jobs must say which type of gpu they ask for, "
        + "as in --gres=gpu:TYPE:COUNT")
    #expect(try decision("gres/gpu=1", caps: "gres/gpu:h100=4") == refused)
    #expect(try decision("gres/gpu=3,gres/gpu:h100=2", caps: "gres/gpu:h100=4") == refused)
    #expect(try decision("gres/gpu=2,gres/gpu:a100=2", caps: "gres/gpu:h100=4") == .allow(types: []))
    #expect(try decision("gres/gpu=2", caps: "gres/gpu=4,gres/fpga:x=1") == .allow(types: []))
  }

  @Test func anUntypedRequestIsGivenTheDefaultType() throws {
    let types = ["gres/fpga:x", "gres/gpu:h100"]
    #expect(
      try decision("gres/gpu=4", caps: "gres/gpu:h100=4", defaultTypes: types)
        == .allow(types: [try TRES("gres/gpu:h100")]))
    #expect(
      try decision("gres/gpu=5,gres/gpu:h100=3", caps: "gres/gpu:h100=4", defaultTypes: types)
        == .deny(
          "project genomics may use 4 gres/gpu:h100 at once over all clusters; this job asks for 5 gres/gpu:h100"
        ))
    #expect(
      try decision("gres/gpu=4", caps: "gres/gpu=4", defaultTypes: types) == .allow(types: []),
      "where no type is capped, a request stays as it is")
  }

  @Test func aLicenseWithAColonIsNoType() throws {
    #expect(try decision("license/a:b=1", caps: "license/a:b=2") == .allow(types: []))
  }
}
