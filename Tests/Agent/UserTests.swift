import Model
import RPC
import Synchronization
import Testing
import Wire

/// Users' associations: followed and written as accounts are.
@Suite struct UserTests {
  private let alice: AccountName = .user(name("alice"), of: name("genomics"))

  private func apply(
    _ changes: [LimitChange], _ sequence: Int64, to client: RPCClient
  ) throws -> LimitWriteResult {
    try client.call(
      "limits.apply", LimitWrite(number: WriteNumber(term: 1, sequence: sequence), changes: changes),
      as: LimitWriteResult.self, timeout: 20)
  }

  @Test func aUsersAssociationIsWatchedBesideItsAccount() throws {
    let lab = try Lab()
    let client = try lab.connect()
    let first = try client.call(
      "usage.watch", UsageRequest(accounts: [name("genomics"), alice]), as: UsageView.self, timeout: 20)
    #expect(first.accounts.map(\.account) == [name("genomics"), alice])
    #expect(lab.backend.followed == [name("genomics"), alice])
    lab.backend.state.withLock { $0.used[alice] = [.cpu: Amount(units: 3)] }
    lab.backend.view()
    let changed = try client.next("usage.changed", as: UsageView.self)
    #expect(changed.accounts.map(\.account) == [alice])
    #expect(changed.accounts.first?.used == [.cpu: Amount(units: 3)])
  }

  @Test func oneWriteMayHaveAnAccountAndItsUsers() throws {
    let lab = try Lab()
    let client = try lab.connect()
    let result = try apply(
      [
        LimitChange(account: name("genomics"), parent: nil, limits: [.cpu: Amount(units: 8)]),
        LimitChange(account: alice, parent: nil, limits: [.cpu: Amount(units: 4)]),
      ], 1, to: client)
    #expect(result.rows.map(\.account) == [name("genomics"), alice])
    #expect(lab.backend.state.withLock { $0.limits[alice] } == [.cpu: Amount(units: 4)])
    #expect(lab.backend.state.withLock { $0.limits[name("genomics")] } == [.cpu: Amount(units: 8)])
  }

  @Test func whatIsAnAccountsIsRefusedForAUser() throws {
    let lab = try Lab()
    let client = try lab.connect()
    for change in [
      LimitChange(account: alice, parent: name("root"), limits: [:]),
      LimitChange(account: alice, parent: nil, limits: [:], users: [name("bob")]),
    ] {
      let refused = failure { _ = try apply([change], 1, to: client) }
      #expect(refused?.message.hasPrefix("changes[0].user: ") == true)
    }
    let twice = LimitChange(account: alice, parent: nil, limits: [.cpu: Amount(units: 4)])
    let refused = failure { _ = try apply([twice, twice], 1, to: client) }
    #expect(refused?.message == "changes[1].account: 'user alice of genomics' is there twice")
    #expect(lab.backend.writeCount == 0)
  }
}
