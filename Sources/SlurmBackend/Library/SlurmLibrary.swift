internal import CSlurm
internal import Glibc
internal import Synchronization

/// libslurm as a whole: started once a process.
enum SlurmLibrary {
  private static let started = Mutex<String?>(nil)

  /// The release this was built for, such as "22.05.8". The library that is loaded has the same interface: its
  /// soname changes with each release.
  static var version: String {
    let number = sluice_release
    let major = number >> 16 & 0xff
    let minor = number >> 8 & 0xff
    return "\(major).\(minor < 10 ? "0" : "")\(minor).\(number & 0xff)"
  }

  /// Reads the configuration at `path`; false when the library has been started with another one.
  static func start(configuration path: String, pluginFolders: [String] = []) -> Bool {
    started.withLock { started in
      if let started { return started == path }
      _ = unsafe setenv("SLURM_CONF", path, 1)
      sluice_prepare_memory()
      loadPluginSymbols(pluginFolders: pluginFolders)
      unsafe slurm_init(path)
      started = path
      return true
    }
  }

  /// Gives the system what large answers took, which otherwise stays with the process for the next.
  static func returnMemory() { sluice_return_memory() }
}
