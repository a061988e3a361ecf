internal import Glibc

/// Gives libslurm's plugins what they need of libslurmfull, the library that Slurm's own commands use. libslurm
/// exports less than they call: when slurmdbd hangs, the accounting plugin wants the name of a message to
/// complain about, and without this the loader ends the process. What libslurm has itself still comes first.
func loadPluginSymbols(pluginFolders: [String]) {
  // Where packages put it, for a slurm.conf without PluginDir.
  let usual = [
    "/usr/lib64/slurm", "/usr/lib/slurm", "/usr/local/lib/slurm", "/usr/lib/x86_64-linux-gnu/slurm-wlm",
    "/usr/lib/aarch64-linux-gnu/slurm-wlm",
  ]
  for folder in pluginFolders + usual {
    if unsafe dlopen("\(folder)/libslurmfull.so", RTLD_LAZY | RTLD_GLOBAL) != nil { return }
  }
}
