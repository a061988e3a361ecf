import Model
import Testing
import Wire

@testable import SlurmBackend

struct SettleClockTests {
  private func names(_ texts: String...) throws -> [AccountName] { try texts.map { try AccountName($0) } }

  @Test func aLaterConfirmedWriteSettlesAfterTheMessageTime() throws {
    var clock = SettleClock()
    clock.wroteUnknown(try names("a", "b"), at: 0)
    clock.confirmed(try names("a", "c"), at: 1)
    clock.read(at: 30)
    #expect(!clock.isSettled)
    clock.confirmed(try names("b"), at: 31)
    clock.read(at: 40.9)
    #expect(!clock.isSettled)
    clock.read(at: 41)
    #expect(clock.isSettled)
  }

  @Test func timeAloneSettlesNothingWithoutARead() throws {
    var clock = SettleClock()
    clock.wroteUnknown(try names("a"), at: 0)
    clock.heardDatabase(at: 1)
    clock.read(at: 59.9)
    #expect(!clock.isSettled)
    clock.read(at: 60)
    #expect(clock.isSettled)
  }

  @Test func noLaterWriteCoversAnUnknownSetOfAccounts() throws {
    var clock = SettleClock()
    clock.wroteUnknown(nil, at: 0)
    clock.heardDatabase(at: 1)
    clock.confirmed(try names("a"), at: 1)
    clock.read(at: 59)
    #expect(!clock.isSettled)
    clock.read(at: 60)
    #expect(clock.isSettled)
  }

  @Test func whileSlurmdbdHangsItsCommitIsStillToBeFeared() throws {
    var clock = SettleClock()
    clock.heardDatabase(at: 0)
    clock.wroteUnknown(try names("a"), at: 1)
    clock.read(at: 600)
    #expect(!clock.isSettled, "it was not heard since")
    clock.heardDatabase(at: 601)
    clock.read(at: 610.9)
    #expect(!clock.isSettled, "its message may be on its way")
    clock.read(at: 611)
    #expect(clock.isSettled)
  }

  @Test func whatSlurmdbdHasAndSlurmctldDoesNotShowIsFearedUntilItIsShown() throws {
    let change = LimitChange(account: try AccountName("a"), parent: nil, limits: [.cpu: Amount(units: 8)])
    var clock = SettleClock()
    clock.wroteUnseen([change])
    clock.heardDatabase(at: 1)
    clock.shown(
      ["a": AccountLimits(limits: [.cpu: Amount(units: 4)], used: TRESAmounts())],
      of: [change.account])
    clock.read(at: 1_000)
    #expect(!clock.isSettled, "slurmctld takes it in whenever it reads slurmdbd")
    var later = clock
    later.confirmed([change.account], at: 1_001)
    #expect(later.isSettled, "a later write is in its place")
    clock.shown(
      ["a": AccountLimits(limits: [.cpu: Amount(units: 8)], used: TRESAmounts())],
      of: [change.account])
    #expect(clock.isSettled)
  }
}
