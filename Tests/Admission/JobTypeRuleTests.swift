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
    #expect(rules.types(qos: "train", partition: "serve", comment: nil) == [.training])
    #expect(rules.types(qos: "high", partition: "serve", comment: "train:it") == [.inference])
    #expect(rules.types(qos: "normal", partition: "serve", comment: "train:it") == [.training])
    #expect(rules.types(qos: "normal", partition: "serve", comment: "it") == [.inference])
    #expect(rules.types(qos: nil, partition: nil, comment: nil) == [])
  }

  @Test func allThatALineSaysMustFit() {
    #expect(rules.types(qos: "high", partition: "batch", comment: nil) == [])
    #expect(rules.types(qos: nil, partition: nil, comment: "untrained: train:") == [])
    #expect(rules.types(qos: "trainer", partition: "server", comment: nil) == [])
  }

  @Test func aNameIsReadAsSlurmReadsIt() {
    #expect(rules.types(qos: "TRAIN", partition: nil, comment: nil) == [.training])
    #expect(rules.types(qos: nil, partition: "batch,serve", comment: nil) == [.inference])
    #expect(rules.types(qos: nil, partition: "SERVE", comment: nil) == [])
  }

  @Test func aJobOfSeveralPartitionsIsOfTheTypeThatItHasInEach() {
    #expect(rules.types(qos: "high", partition: "serve,serve", comment: nil) == [.inference])
    #expect(
      rules.types(qos: "high", partition: "batch,serve", comment: "train:it") == [.training, .inference])
    #expect(rules.types(qos: nil, partition: ",", comment: nil) == [])
  }

  @Test func onePartitionMoreDoesNotTakeAJobsTypeAway() {
    let rules = [
      JobTypeRule(type: .inference, partition: "serve"), JobTypeRule(type: .training, partition: "train"),
      JobTypeRule(type: .workflow, qos: "flow"),
    ]
    #expect(rules.types(qos: nil, partition: "train,serve", comment: nil) == [.training, .inference])
    #expect(rules.types(qos: "flow", partition: "batch,serve", comment: nil) == [.inference, .workflow])
    #expect(rules.types(qos: nil, partition: "batch,train", comment: nil) == [.training])
  }

  @Test func theTypesAreThoseThatALineGives() {
    #expect(rules.types == [.training, .inference])
    #expect([JobTypeRule]().types == [])
  }
}
