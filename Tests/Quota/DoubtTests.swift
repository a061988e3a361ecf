import Model
import Quota
import Testing

/// How a share comes out of doubt.
@Suite struct DoubtTests {
  private let fence = WriteNumber(term: 9, sequence: 0)

  /// Of a ledger that has allotted 6.
  private func doubted() throws -> Share {
    let binding = ClusterBinding(account: try AccountName("genomics"))
    var share = Share(cluster: try ClusterName("alpha"), binding: binding)
    share.apply(.allotted([.cpu: Amount(units: 6)], was: TRESAmounts()))
    share.apply(.sent(WriteNumber(term: 1, sequence: 1)))
    share.apply(.confirmed(boot: nil))
    share.apply(.doubted(after: fence))
    return share
  }

  private func reading(limit: Int64, applied: WriteNumber, isSettled: Bool = true) -> Reading {
    let sighting = Sighting(
      accountExists: true, limits: [.cpu: Amount(units: limit)], used: [.cpu: Amount(units: 1)],
      pending: TRESAmounts(), runningJobs: 1, pendingJobs: 0)
    return Reading(
      sighting: sighting, capacity: [.cpu: Amount(units: 64)], bootTime: nil, applied: applied,
      isSettled: isSettled)
  }

  private func seeing(_ reading: Reading, _ share: Share) -> Share {
    var share = share
    for event in share.events(seeing: reading, onDrift: .restore) { share.apply(event) }
    return share
  }

  @Test func nothingIsProvenBeforeAWriteOfTheNewTermHasEnded() throws {
    let share = try doubted()
    let lost = WriteNumber(term: 8, sequence: 40)
    #expect(share.events(seeing: reading(limit: 4, applied: lost), onDrift: .restore) == [])
    #expect(share.isDue, "its number is to be written")
  }

  @Test(arguments: [(4, 4, 4), (6, 6, 6), (20, 6, 20)] as [(Int64, Int64, Int64)])
  func afterThatTheLesserIsAllottedAndTheLargerInForce(native: Int64, allotted: Int64, inForce: Int64) throws
  {
    let write = WriteNumber(term: 9, sequence: 1)
    let share = seeing(reading(limit: native, applied: write), try doubted())
    #expect(!share.isDoubted && share.isDue)
    #expect(share.allotment == [.cpu: Amount(units: allotted)])
    #expect(share.floor == share.allotment, "it may be written although the project is over")
    #expect(share.inForce == [.cpu: Amount(units: inForce)])
  }

  @Test func whatIsUnsettledMayStillBeLowered() throws {
    let write = WriteNumber(term: 9, sequence: 1)
    let share = seeing(reading(limit: 4, applied: write, isSettled: false), try doubted())
    #expect(share.allotment == [.cpu: Amount(units: 4)])
    #expect(share.floor.used(.cpu) == .zero)
    #expect(share.inForce.used(.cpu) == .unbounded)
  }

  /// slurmdbd was down when the limit was to be lifted, and slurmctld started from a state of before there was one.
  @Test func aLimitThatMayStillBeStoredIsNotTakenForLifted() throws {
    var share = try doubted()
    share = seeing(reading(limit: 6, applied: fence), share)
    share.apply(.recapped(kept: [], added: []))
    let write = WriteNumber(term: 9, sequence: 1)
    share.apply(.sent(write))
    var without = reading(limit: 6, applied: write, isSettled: false)
    without.sighting.limits = TRESAmounts()
    #expect(seeing(without, share) == share)
    #expect(seeing(reading(limit: 6, applied: write), share).isDue)
    without.isSettled = true
    let lifted = seeing(without, share)
    #expect(lifted.isConfirmed && lifted.cleared.isEmpty)
  }

  /// A cap that came and went while the cluster didn't answer left something in force, for which a recovery then wrote a
  /// limit of zero.
  @Test func aCapThatGoesBeforeItWasAllottedLeavesNothing() throws {
    var share = Share(
      cluster: try ClusterName("alpha"), binding: ClusterBinding(account: try AccountName("gen")))
    share.apply(.recapped(kept: [], added: [.cpu]))
    #expect(share.inForce == [.cpu: .unbounded])
    share.apply(.recapped(kept: [], added: []))
    #expect(share.inForce.isEmpty && share.cleared.isEmpty)
    share.apply(.doubted(after: WriteNumber(term: 2, sequence: 0)))
    #expect(share.allotment.isEmpty)
  }
}
