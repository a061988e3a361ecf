internal import Model

/// Users' associations among the names of what is followed or written, by Slurm's words for them.
struct AssociationNames: Sendable {
  private var names: [String: [String: AccountName]] = [:]

  init(in wanted: some Sequence<AccountName>) {
    for name in wanted {
      guard let (account, user) = name.parts else { continue }
      names[account.text, default: [:]][user.text] = name
    }
  }

  var isEmpty: Bool { names.isEmpty }

  /// nil for one that isn't among them.
  func name(account: String, user: String) -> AccountName? { names[account]?[user] }

  func has(_ account: String) -> Bool { names[account] != nil }
}
