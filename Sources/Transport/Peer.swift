internal import CLinux
internal import Glibc

/// Who is at the other end of a Unix socket, as the kernel saw it when the connection was made.
package struct Peer: Hashable, Sendable {
  package let uid: UInt32
  package let gid: UInt32
  package let pid: Int32

  package init(uid: UInt32, gid: UInt32, pid: Int32) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
  }

  init(of socket: Int32) throws(TransportError) {
    var peer = linux_peer()
    guard unsafe linux_peer_of(socket, &peer) == 0 else { throw .system("getsockopt") }
    self.init(uid: peer.uid, gid: peer.gid, pid: peer.pid)
  }

  /// The name this host has for the uid; nil when it has none. Asks the host's name service each time.
  package var userName: String? {
    var buffer = [CChar](repeating: 0, count: 16384)
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    guard unsafe getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0,
      let name = unsafe found?.pointee.pw_name
    else { return nil }
    return unsafe String(cString: name)
  }
}
