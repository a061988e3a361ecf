internal import CSlurm
internal import Glibc

/// Slurm's short form of many host names, such as `a[1-4,7]`.
enum HostList {
  /// The names in it, at most 65,536.
  static func names(_ list: String) -> [String] {
    guard let hosts = unsafe slurm_hostlist_create(list) else { return [] }
    defer { unsafe slurm_hostlist_destroy(hosts) }
    var names: [String] = []
    while names.count < 65_536, let host = unsafe slurm_hostlist_shift(hosts) {
      unsafe names.append(String(cString: host))
      unsafe free(host)
    }
    return names
  }
}
