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
      guard let uid = Self.uid(of: name) else {
        throw Failure(.badParameters, "allow: there is no user '\(name)' on this host")
      }
      allowed.insert(uid)
    }
    self.allowed = allowed
    names = users
  }

  func check(_ peer: Peer) throws(Failure) {
    guard !allowed.contains(peer.uid) else { return }
    let who = peer.userName.map { "user '\($0)' (uid \(peer.uid))" } ?? "uid \(peer.uid)"
    let others = names.isEmpty ? "" : ", \(names.joined(separator: ", "))"
    throw Failure(
      .forbidden,
      "\(who) may not call this agent: it takes root\(others) and its own user; add the name under 'allow' in "
        + "its settings")
  }

  private static func uid(of name: String) -> UInt32? {
    var buffer = [CChar](repeating: 0, count: 16384)
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    guard unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0 else { return nil }
    return unsafe found?.pointee.pw_uid
  }
}
