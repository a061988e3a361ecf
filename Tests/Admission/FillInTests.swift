import Admission
import Model
import Testing

@Suite struct FillInTests {
  @Test func theFirstLineThatFitsCounts() throws {
    let lines = [
      FillIn(user: "alice", partition: "gpu", qos: "high"), FillIn(user: "alice", qos: "normal"),
      FillIn(partition: "gpu", account: try AccountName("shared")),
    ]
    #expect(lines.first(for: "alice", in: "gpu") == lines[0])
    #expect(lines.first(for: "alice", in: "batch") == lines[1])
    #expect(lines.first(for: "alice", in: nil) == lines[1])
    #expect(lines.first(for: "bob", in: "gpu") == lines[2])
    #expect(lines.first(for: "bob", in: "batch") == nil)
    #expect([FillIn(qos: "low")].first(for: "bob", in: nil) == FillIn(qos: "low"))
  }
}
