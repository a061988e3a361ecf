import Admission
import Model
import Testing

@Suite struct JobTypeRuleTests {
  private let rules = [
    JobTypeRule(type: .inference, qos: "high", partition: "serve"),
    JobTypeRule(type: .training, qos: "train"),
    JobTypeRule(type: .training, comment: "train:"), JobTypeRule(type: .inference, partition: "serve"),
  ]

  @Test func theFirstLineThatFitsCounts() {
    #expect(rules.type(qos: "train", partition: "serve", comment: nil) == .training)
    #expect(rules.type(qos: "high", partition: "serve", comment: "train:it") == .inference)
    #expect(rules.type(qos: "normal", partition: "serve", comment: "train:it") == .training)
    #expect(rules.type(qos: "normal", partition: "serve", comment: "it") == .inference)
    #expect(rules.type(qos: nil, partition: nil, comment: nil) == nil)
  }

  @Test func allThatALineSaysMustFit() {
    #expect(rules.type(qos: "high", partition: "batch", comment: nil) == nil)
    #expect(rules.type(qos: nil, partition: nil, comment: "untrained: train:") == nil)
    #expect(rules.type(qos: "trainer", partition: "server", comment: nil) == nil)
  }

  @Test func aNameIsReadAsSlurmReadsIt() {
    #expect(rules.type(qos: "TRAIN", partition: nil, comment: nil) == .training)
    #expect(rules.type(qos: nil, partition: "batch,serve", comment: nil) == .inference)
    #expect(rules.type(qos: nil, partition: "SERVE", comment: nil) == nil)
  }

  @Test func theTypesAreThoseThatALineGives() {
    #expect(rules.types == [.training, .inference])
    #expect([JobTypeRule]().types == [])
  }
}
