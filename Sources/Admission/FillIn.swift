package import Model

/// What jobs are given that don't say it themselves: a line of agent.yaml's `fill_in`.
package struct FillIn: Hashable, Sendable {
  /// Whose jobs; anybody's when nil.
  package var user: String?
  /// In which partition; in any when nil.
  package var partition: String?
  package var account: AccountName?
  package var qos: String?

  package init(user: String? = nil, partition: String? = nil, account: AccountName? = nil, qos: String? = nil)
  {
    self.user = user
    self.partition = partition
    self.account = account
    self.qos = qos
  }
}

extension [FillIn] {
  /// The first line that is about this user's jobs in this partition.
  package func first(for user: String, in partition: String?) -> FillIn? {
    first { ($0.user ?? user) == user && ($0.partition == nil || $0.partition == partition) }
  }
}
