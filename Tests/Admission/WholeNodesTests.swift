import Admission
import Model
import Testing

@Suite struct WholeNodesTests {
  /// Two small nodes, two with GPUs, and a large one.
  private func partition() throws -> [AlikeNodes] {
    try [
      (2, "cpu=32,mem=64G"), (2, "cpu=64,mem=512G,gres/gpu=8,gres/gpu:h100=8"),
      (1, "cpu=128,mem=1T,gres/gpu=4,gres/gpu:a100=4"),
    ].map { AlikeNodes(count: $0.0, each: try TRESAmounts(parsing: $0.1)) }
  }

  private func least(_ whole: WholeNodes, of count: Int = 1) throws -> String {
    whole.least(of: count, among: try partition()).description
  }

  private func exclusive(_ each: String = "") throws -> WholeNodes {
    WholeNodes(each: each.isEmpty ? TRESAmounts() : try TRESAmounts(parsing: each), exclusive: true)
  }

  @Test func anExclusiveJobHasWhatTheSmallestNodesHave() throws {
    #expect(try least(exclusive()) == "cpu=32,gres/gpu=0,gres/gpu:a100=0,gres/gpu:h100=0")
    #expect(try least(exclusive(), of: 3) == "cpu=128,gres/gpu=4,gres/gpu:a100=0,gres/gpu:h100=0")
    #expect(try least(exclusive(), of: 5) == "cpu=320,gres/gpu=20,gres/gpu:a100=4,gres/gpu:h100=16")
  }

  @Test func nodesOnWhichItDoesNotFitDoNotCount() throws {
    #expect(try least(exclusive("gres/gpu:h100=2")) == "cpu=64,gres/gpu=8,gres/gpu:h100=8")
    #expect(try least(exclusive("cpu=65")) == "cpu=128,gres/gpu=4,gres/gpu:a100=4")
    #expect(try least(exclusive("mem=65G"), of: 2) == "cpu=128,gres/gpu=12,gres/gpu:a100=0,gres/gpu:h100=8")
  }

  @Test func ofNodesThatAreNotThereNothingIsSaid() throws {
    #expect(try least(exclusive(), of: 6) == "")
    #expect(try least(exclusive("gres/gpu:h100=2"), of: 3) == "")
    #expect(try exclusive().least(of: 1, among: []).isEmpty)
    #expect(try least(exclusive(), of: 0) == "")
  }

  @Test func memoryIsAllOfItOrGoesByTheCPUs() throws {
    #expect(try least(WholeNodes(allMemory: true), of: 3) == "mem=640G")
    var whole = try exclusive("gres/gpu:h100=1")
    whole.memoryPerCPU = Amount(units: 1 << 30)
    #expect(try least(whole, of: 2) == "cpu=128,gres/gpu=16,gres/gpu:h100=16,mem=128G")
  }

  @Test func memoryByTheCPUsIsAtMostWhatANodeHas() throws {
    var whole = try exclusive()
    whole.memoryPerCPU = Amount(units: 3 << 30)
    // Of 96, 192 and 384G by their CPUs the small nodes have 64.
    #expect(try least(whole, of: 3) == "cpu=128,gres/gpu=4,gres/gpu:a100=0,gres/gpu:h100=0,mem=320G")
    whole.memoryPerCPU = Amount(units: 1 << 60)
    #expect(try least(whole) == "cpu=32,gres/gpu=0,gres/gpu:a100=0,gres/gpu:h100=0,mem=64G")
  }

  private func decision(_ asked: String, given: String, caps: String) throws -> Decision {
    decide(
      try TRESAmounts(parsing: asked), given: try TRESAmounts(parsing: given),
      under: Rule(holders: [
        Rule.Holder(project: try ProjectName("genomics"), caps: try TRESAmounts(parsing: caps))
      ]), defaultTypes: [])
  }

  @Test func whatItIsGivenMustFitToo() throws {
    #expect(try decision("cpu=1", given: "cpu=64", caps: "cpu=64") == .allow(types: []))
    #expect(
      try decision("cpu=1", given: "cpu=64", caps: "cpu=63")
        == .deny(
          "project genomics may use 63 cpu at once over all clusters; this job's nodes would give it at least 64 cpu"
        ))
    #expect(
      try decision("cpu=65", given: "cpu=64", caps: "cpu=63")
        == .deny("project genomics may use 63 cpu at once over all clusters; this job asks for 65 cpu"))
  }

  @Test func aTypeMustBeSaidOfWhatIsAskedForAlone() throws {
    #expect(try decision("cpu=1", given: "gres/gpu=8", caps: "gres/gpu:h100=4") == .allow(types: []))
  }
}
