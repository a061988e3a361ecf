import Model
import Testing

@testable import SlurmBackend

struct TRESTableTests {
  let table = TRESTable([(1001, "gres/gpu"), (1002, "gres/gpu:h100")])

  @Test func limitsAreReadByNumber() throws {
    let gpu = try TRES("gres/gpu:h100")
    #expect(
      table.amounts("1=6,2=4096,1002=1,4=-1")
        == [.cpu: Amount(units: 6), .memory: Amount(units: 4096 << 20), gpu: Amount(units: 1)])
    #expect(table.amounts("") == TRESAmounts())
  }

  @Test func anUnknownNumberIsNotTakenForNoLimit() {
    #expect(table.amounts("1=6,1099=4") == nil)
    #expect(table.amounts("nonsense") == nil)
  }

  @Test func memoryIsRoundedDownToWholeMebibytes() throws {
    let limits: TRESAmounts = [.cpu: Amount(units: 2), .memory: Amount(units: (3 << 20) - 1)]
    #expect(try table.fields(for: limits, cleared: [.gpu]).tres == "1=2,2=2,1001=-1")
    #expect(TRESTable.rounded(Amount(units: (3 << 20) - 1), of: .memory) == Amount(units: 2 << 20))
  }

  @Test func aTRESThatIsNotTrackedIsRefused() throws {
    let other = try TRES("license/matlab")
    #expect(throws: TRESTable.UnknownTRES.self) {
      try table.fields(for: [other: Amount(units: 1)], cleared: [])
    }
    #expect(try table.fields(for: [:], cleared: [other]).isEmpty)
  }

  @Test func aTypeOfJobsIsALicense() throws {
    let table = TRESTable([(1003, "license/training"), (1004, "license/matlab")])
    let limits: TRESAmounts = [JobType.training.tres: Amount(units: 20)]
    #expect(try table.fields(for: limits, cleared: []) == LimitFields(tres: "1003=20"))
    #expect(table.amounts("1003=20") == limits)
    #expect(TRESTable.amounts(named: "license/matlab=1,license/training=20").only(limits) == limits)
    #expect(table.takes(JobType.training.tres) && !table.takes(JobType.inference.tres))
    #expect(JobType.training.tres.slurmName == "license/training")
    #expect(TRES.runningJobs.slurmName == "jobs/running")
  }

  @Test func manyLicensesDoNotCrowdOutThoseOfJobTypes() throws {
    let names = try (0..<40).map { try TRES("license/a\($0)") }
    let table = TRESTable(names.enumerated().map { (UInt32(1003 + $0), $1.name) })
    let training = JobType.training.tres
    let licenses = (names + [try TRES("license/uncapped"), training]).map {
      (tres: $0, total: Amount(units: 5))
    }
    let known = table.known(licenses)
    #expect(known[training] == Amount(units: 5))
    #expect(known.count == 32 && known.names.allSatisfy { $0 == training || names.contains($0) })
  }

  @Test func countsOfJobsHaveFieldsOfTheirOwn() throws {
    let limits: TRESAmounts = [.runningJobs: Amount(units: 7), .cpu: Amount(units: 1)]
    let fields = try table.fields(for: limits, cleared: [.submittedJobs])
    #expect(fields == LimitFields(tres: "1=1", jobs: 7, submitJobs: .max))
    let jobs: TRESAmounts = [.submittedJobs: .unbounded]
    let most = try #require(try table.fields(for: jobs, cleared: []).submitJobs)
    #expect(most < .max - 1, "neither 'not set' nor 'no limit'")
  }

  @Test func jobsAmountsAreReadByName() {
    #expect(
      TRESTable.amounts(named: "cpu=4,mem=2G,node=1,gres/gpu=2,odd=7")
        == [
          .cpu: Amount(units: 4), .memory: Amount(units: 2 << 30), .node: Amount(units: 1),
          .gpu: Amount(units: 2),
        ])
  }
}
