internal import Glibc
internal import Threads

/// slurmdbd may hang and not die; libslurm would wait for it for up to 15 minutes (149 s were seen). A call takes a
/// tenth of a second; one that takes longer than this many is cut off.
private let longestCall = 40.0
/// More than an agent ever has open.
private let mostDescriptors: Int32 = 16384

/// Calls `body`, one call of libslurm's that talks to slurmdbd, and makes it fail when it takes too long.
///
/// libslurm tells no one its socket, so all of this process's connections to slurmdbd are cut. They hang alike.
func boundingDatabase<Result>(port: UInt16?, _ body: () -> Result) -> Result {
  guard let port else { return body() }
  let end = BlockingQueue<Void>(capacity: 1)
  startThread {
    var patience = longestCall
    while let ends = end.take(atMost: 1, waiting: patience), ends.isEmpty {
      cutConnections(toPort: port)
      // It tries again over new connections.
      patience = 1
    }
  }
  let result = body()
  let fault = errno
  end.close()
  errno = fault
  return result
}

/// Shuts down this process's TCP connections to that port: whoever reads from one sees its end. Only for reading: when
/// both ways are shut, poll tells of a hang-up, and libslurm ends the process.
private func cutConnections(toPort port: UInt16) {
  for descriptor in Int32(0)..<mostDescriptors
  where peerPort(of: descriptor) == port {
    _ = shutdown(descriptor, Int32(SHUT_RD))
  }
}

private func peerPort(of descriptor: Int32) -> UInt16? {
  var address = sockaddr_in6()
  var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
  let status = unsafe withUnsafeMutablePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe getpeername(descriptor, $0, &size)
    }
  }
  // Both families have the port in the same place.
  guard status == 0, [AF_INET, AF_INET6].contains(Int32(address.sin6_family)) else { return nil }
  return UInt16(bigEndian: address.sin6_port)
}
