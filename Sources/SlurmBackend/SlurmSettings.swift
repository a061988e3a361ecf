package import Model

/// How to reach one Slurm cluster.
package struct SlurmSettings: Sendable {
  /// The path of slurm.conf.
  package var slurmConf: String
  /// Refuse to start when slurm.conf is another cluster's.
  package var cluster: ClusterName?
  /// Try the configuration in a child process first: libslurm ends the process when it dislikes one. Only for
  /// an executable that has the hidden subcommand `probe-configuration --slurm-conf PATH`.
  package var probe: Bool

  package init(slurmConf: String = "/etc/slurm/slurm.conf", cluster: ClusterName? = nil, probe: Bool = false)
  {
    self.slurmConf = slurmConf
    self.cluster = cluster
    self.probe = probe
  }
}
