import Model
import Testing
import Wire

@testable import SlurmBackend

struct TallyTests {
  let parents = ["lab": "science", "science": "root", "loop": "loop"]

  @Test func jobsCountForTheirAccountAndEveryOneAbove() throws {
    let jobs = [
      job(1, .running), job(2, .suspended), job(3, .completing), job(4, .completed),
      job(5, .pending, reason: "AssocGrpCpuLimit", tasks: 10), job(6, .pending, reason: "JobHeldUser"),
    ]
    let tally = AccountTally(
      jobs, parents: parents, of: try ["lab", "science", "root"].map { try AccountName($0) })
    #expect(tally.held[.cpu] == Amount(units: 6), "with the job that is being cleaned up")
    #expect(tally.using.map(\.id) == ["1", "2"])
    for account in ["lab", "science", "root"] {
      let sums = try #require(tally.sums[account])
      #expect(sums.used[.cpu] == Amount(units: 4))
      #expect(sums.nodeLists == ["a1"])
      #expect(sums.used[.node] == nil)
      #expect(sums.pending[.cpu] == Amount(units: 20))
      #expect(sums.runningJobs == 2)
      #expect(sums.pendingJobs == 10)
    }
  }

  @Test func accountsThatNobodyFollowsAreNotCounted() throws {
    let tally = AccountTally([job(1, .running)], parents: parents, of: [try AccountName("science")])
    #expect(tally.sums.keys.sorted() == ["science"])
    #expect(tally.accounts == ["lab"])
  }

  @Test func jobsCountForTheirUsersAssociationInTheirOwnAccount() throws {
    let jobs = [
      job(1, .running), job(2, .running, user: "bob"), job(3, .running, account: "science"),
      job(4, .pending, reason: "AssocGrpCpuLimit", tasks: 3), job(5, .completed),
    ]
    let lab = try AccountName("lab")
    let alice = AccountName.user(try UserName("alice"), of: lab)
    let tally = AccountTally(jobs, parents: parents, of: [lab, alice])
    let sums = try #require(tally.sums[alice.text])
    #expect(sums.used[.cpu] == Amount(units: 2), "what runs in another account isn't his here")
    #expect(sums.pending[.cpu] == Amount(units: 6))
    #expect((sums.runningJobs, sums.pendingJobs) == (1, 3))
    #expect(tally.sums["lab"]?.used[.cpu] == Amount(units: 4))
    #expect(tally.sums.count == 2)
    #expect(tally.others == ["lab": ["bob"]], "whom nobody asks about")
    #expect(AccountTally(jobs, parents: parents, of: [lab]).others.isEmpty)
  }

  @Test func aLoopOfParentsEnds() {
    #expect(AccountTally.path(from: "loop", parents).count == 64)
  }

  @Test(arguments: [
    ("None", SlurmJob.Wait.ready), ("Priority", .ready), ("Resources", .ready), ("QOSGrpCpuLimit", .ready),
    ("AssocGrpCpuLimit", .limited), ("AssocGrpGRES", .limited), ("AssocGrpMemLimit", .limited),
    ("AssocGrpCPUMinutesLimit", .kept), ("AssocGrpWallLimit", .kept), ("Dependency", .kept),
    ("BeginTime", .kept), ("BadConstraints", .kept), ("PartitionDown", .kept), ("JobHeldAdmin", .kept),
  ])
  func reasonsTellWhatAJobWaitsFor(_ reason: String, _ wait: SlurmJob.Wait) {
    #expect(SlurmJob.Wait(reason: reason) == wait)
  }

  @Test(arguments: [
    ("0-99", 100), ("1-5%2", 2), ("7", 1), ("0-9:2", 5), ("1,3,5-9", 7), ("0-99999999", 1_000_000),
    ("1,2,...", 2), ("", 1), ("9-3", 1),
  ])
  func arraysCountTheirWaitingTasks(_ list: String, _ count: Int64) {
    #expect(taskCount(list) == count)
  }
}
