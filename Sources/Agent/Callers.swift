internal import Glibc
internal import Transport
internal import Wire

/// Who may call an agent: known by the kernel's word for the peer, never by what is said.
struct Callers: Sendable {
  private let allowed: Set<UInt32>
  private let names: [String]

  /// Refuses a user whom this host doesn't know: whoever set that up meant someone.
  init(users: [String]) throws(Failure) {
    var allowed: Set<UInt32> = [0, geteuid()]
    for name in users {
      guard let uid = uid(ofUser: name) else {
        throw Failure(.badParameters, "allow: there is no user '\(name)' on this host")
      }
      allowed.insert(uid)
    }
    self.allowed = allowed
    names = users
  }

  func check(_ peer: Peer) throws(Failure) {
    guard !allowed.contains(peer.uid) else { return }
    let others = names.isEmpty ? "" : ", \(names.joined(separator: ", "))"
    throw Failure(
      .forbidden,
      "\(peer.words) may not call this agent: it takes root\(others) and its own user; add the name under 'allow' in "
        + "its settings")
  }
}

/// nil when this host has no such user.
package func uid(ofUser name: String) -> UInt32? {
  var buffer = [CChar](repeating: 0, count: 16384)
  var entry = unsafe passwd()
  var found: UnsafeMutablePointer<passwd>?
  guard unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0 else { return nil }
  return unsafe found?.pointee.pw_uid
}

extension Peer {
  /// Such as "user 'alice' (uid 1001)".
  var words: String { userName.map { "user '\($0)' (uid \(uid))" } ?? "uid \(uid)" }
}
