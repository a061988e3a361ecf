import Agent
import Foundation
import Model
import RPC
import Synchronization
import Testing
import Wire

@Suite struct WatchTests {
  @Test func aWatchIsWholeThenTellsChanges() throws {
    let lab = try Lab()
    let client = try lab.connect()
    let first = try client.usage("usage.watch", ["b", "a", "b"])
    #expect(first.accounts.map(\.account.text) == ["b", "a"])
    #expect(first.capacity == [.cpu: Amount(units: 64)])
    #expect(lab.backend.followed.map(\.text) == ["a", "b"])
    lab.backend.state.withLock { $0.used[name("a")] = [.cpu: Amount(units: 3)] }
    lab.backend.view()
    let changed = try client.next("usage.changed", as: UsageView.self)
    #expect(changed.accounts.map(\.account.text) == ["a"])
    #expect(changed.serial > first.serial && changed.capacity == first.capacity)
    lab.backend.view()
    #expect(try client.next("usage.changed", as: UsageView.self).accounts == [])
  }

  @Test func aNewWatchReplacesTheOld() throws {
    let lab = try Lab()
    let client = try lab.connect()
    let other = try lab.connect()
    _ = try client.usage("usage.watch", ["a", "b"])
    _ = try other.usage("usage.watch", ["c"])
    #expect(lab.backend.followed.map(\.text) == ["a", "b", "c"])
    #expect(try client.usage("usage.watch", ["d"]).accounts.map(\.account.text) == ["d"])
    #expect(lab.backend.followed.map(\.text) == ["c", "d"])
    other.close()
    waitFor("c is followed no more") { lab.backend.followed.map(\.text) == ["d"] }
  }

  @Test func getFollowsAndItsAgeRises() throws {
    let lab = try Lab()
    let client = try lab.connect()
    let first = try client.usage("usage.get", ["a"])
    #expect(first.accounts.map(\.account.text) == ["a"])
    usleep(20_000)
    let second = try client.usage("usage.get", ["a"])
    #expect(second.serial == first.serial)
    #expect(try #require(second.age) >= 0.25 + 0.02)
    #expect(try client.usage("usage.get", []).accounts == [])
    let many = (0...UsageRequest.mostAccounts).map { "a\($0)" }
    let refused = failure { _ = try client.usage("usage.get", many) }
    #expect(refused == Failure(.badParameters, "accounts: at most 10000 can be asked for"))
  }

  @Test func jobsAreWatched() throws {
    let lab = try Lab()
    let client = try lab.connect()
    lab.backend.state.withLock { $0.jobs = [job(1), job(2, account: "other"), job(3)] }
    lab.backend.view(jobs: true)
    let first = try client.call(
      "jobs.watch", JobsRequest(account: name("genomics")), as: JobsChanged.self, timeout: 10)
    #expect(first.jobs.map(\.id) == ["1", "3"] && first.gone == [])
    lab.backend.state.withLock { $0.jobs = [job(2), job(3, state: .completed)] }
    lab.backend.view(jobs: true)
    let changed = try client.next("jobs.changed", as: JobsChanged.self)
    #expect(changed.jobs.map(\.id) == ["2", "3"] && changed.gone == ["1"])
  }

  @Test func manyJobsComeInSeveralMessages() throws {
    let lab = try Lab()
    let client = try lab.connect()
    lab.backend.state.withLock { $0.jobs = (1...12_000).map { job($0) } }
    lab.backend.view(jobs: true)
    var ids = try client.call("jobs.watch", JobsRequest(), as: JobsChanged.self, timeout: 120).jobs.map(\.id)
    #expect(ids.count == 5000)
    while ids.count < 12_000 { ids += try client.next("jobs.changed", as: JobsChanged.self).jobs.map(\.id) }
    #expect(ids == (1...12_000).map { "\($0)" })
  }
}
