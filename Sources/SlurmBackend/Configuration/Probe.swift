internal import Glibc
internal import Threads
internal import Wire

extension SlurmBackend {
  /// What the hidden subcommand `probe-configuration` does: starts libslurm, which ends the process with its
  /// own words on standard error when it dislikes the configuration.
  package static func probeConfiguration(slurmConf: String) {
    _ = SlurmLibrary.start(configuration: slurmConf)
  }
}

/// Runs this executable as `probe-configuration --slurm-conf PATH` and waits for it, 10 s at most: libslurm
/// waits a minute for a configuration that isn't there.
func tryConfiguration(at path: String) throws(Failure) {
  let strings = CStrings()
  let arguments: [UnsafeMutablePointer<CChar>?] = unsafe [
    strings("sluice-slurm-agent"), strings("probe-configuration"), strings("--slurm-conf"), strings(path),
    nil,
  ]
  var child = pid_t()
  let result = unsafe posix_spawn(&child, "/proc/self/exe", nil, nil, arguments, environ)
  guard result == 0 else {
    throw Failure(
      .faulty, "the configuration can't be tried", cause: unsafe String(cString: strerror(result)))
  }
  let deadline = monotonicSeconds() + 10
  var status: Int32 = 0
  while unsafe waitpid(child, &status, WNOHANG) == 0 {
    guard monotonicSeconds() < deadline else {
      kill(child, SIGKILL)
      _ = unsafe waitpid(child, &status, 0)
      throw Failure(.unavailable, "libslurm could not read \(path) within 10 s")
    }
    sleep(seconds: 0.01)
  }
  guard status == 0 else {
    throw Failure(.badParameters, "libslurm refuses \(path): its reason is on standard error")
  }
}
