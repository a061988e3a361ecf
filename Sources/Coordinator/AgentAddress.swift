package import Model
internal import Transport

/// Where a cluster's agent listens, and how to get there.
package struct AgentAddress: Hashable, Sendable {
  package let cluster: ClusterName
  let route: Route

  enum Route: Hashable, Sendable {
    case unix(path: String)
    case ssh(SSHCommand)
  }

  /// - Parameters:
  ///   - address: `unix:///run/sluice/agent.sock`, or `ssh://HOST/run/sluice/agent.sock`.
  ///   - sshConfig: an ssh_config(5) file for the latter, instead of the user's and the system's.
  package init(cluster: ClusterName, address: String, sshConfig: String? = nil) throws(AddressError) {
    self.cluster = cluster
    let words = address.split(separator: "://", maxSplits: 1)
    let rest = words.count == 2 ? words[1] : ""
    switch words.first {
    case "unix" where rest.hasPrefix("/"):
      route = .unix(path: String(rest))
    case "ssh":
      guard let slash = rest.firstIndex(of: "/"), slash > rest.startIndex else { fallthrough }
      route = .ssh(
        SSHCommand(
          host: try Self.host(rest[..<slash], in: address), path: try Self.path(rest[slash...], in: address),
          configuration: sshConfig))
    default:
      throw AddressError(address, "is no agent's address: use unix:///PATH or ssh://HOST/PATH")
    }
  }

  /// It becomes an argument of ssh, which must not take it for an option.
  private static func host(_ host: Substring, in address: String) throws(AddressError) -> String {
    guard host.utf8.allSatisfy(isPlain), !host.hasPrefix("-") else {
      throw AddressError(
        address,
        "has a host that can't be: letters, digits, '.', '_' and '-' may be in it, with no '-' in front."
          + " A user, a port or a key belongs in the file that ssh_config names")
    }
    return String(host)
  }

  /// It becomes a word of the command that the other host's shell reads.
  private static func path(_ path: Substring, in address: String) throws(AddressError) -> String {
    guard path.utf8.allSatisfy({ isPlain($0) || $0 == UInt8(ascii: "/") }) else {
      throw AddressError(
        address, "has a path that can't be: letters, digits, '.', '_', '-' and '/' may be in it")
    }
    return String(path)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  package var text: String {
    switch route {
    case .unix(let path): "unix://\(path)"
    case .ssh(let command): "ssh://\(command.host)\(command.path)"
    }
  }
}

package struct AddressError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ address: String, _ complaint: String) { description = "'\(address)' \(complaint)" }
}
