internal import Core
internal import Model
internal import Quota
internal import Wire

/// What to do about each thing that can be wrong: one place, for the command, the log and every other client.
enum Advice {
  static func unreachable(at address: String) -> String {
    "where its agent runs, see 'systemctl status sluice-slurm-agent' and 'journalctl -u sluice-slurm-agent'; "
      + "it must serve what sluiced.yaml calls \(address), and name sluiced's user under 'allow' in agent.yaml"
  }

  static let olderAgent =
    "install the sluice-slurm-agent of sluiced's release there, and restart it; until then those caps stay 'being read'"

  static let unwritten =
    "it is tried again by itself; if Slurm refuses it, mend the account or the agent's rights with sacctmgr"

  static let fullDisk =
    "make room there: sluiced ends when it can't write its ledger, and acknowledges nothing until it can"

  static let untoldType = "add a line for it to 'job_types' in agent.yaml and restart the agent"

  static let manyProjects = "'sluice quota list' shows them all"

  static func over(_ project: ProjectName) -> String {
    "wait for jobs to end, or end some, or raise the cap: '\(figures(of: project))' has the figures"
  }

  /// The command that shows them.
  private static func figures(of name: ProjectName) -> String {
    "sluice quota show \(name.whole)" + (name.parts.map { " --user \($0.user)" } ?? "")
  }

  static func spent(_ project: ProjectName) -> String {
    "'sluice budget show \(project)' has the figures; 'sluice budget credit \(project)' gives it more"
  }

  static func moving(_ project: ProjectName) -> String {
    "'\(figures(of: project))' tells which cluster has not confirmed it; look at that agent's log"
  }

  static func drift(_ project: ProjectName, _ policy: DriftPolicy) -> String {
    switch policy {
    case .restore: "it is put back by itself; 'sacctmgr list transactions' tells who set it"
    case .report:
      "set it back with sacctmgr, or change the cap with 'sluice project set \(project.whole)'; "
        + "with 'drift: restore' in sluiced.yaml it is put back by itself"
    }
  }
}

extension ClusterProblem.Kind {
  var advice: String {
    switch self {
    case .controller:
      "where its agent runs, see 'scontrol ping' and 'systemctl status munge'; its limits go on holding"
    case .accounting:
      "see 'systemctl status slurmdbd' where it runs; limits go on holding, and are written when it is back"
    case .release: "install the sluice-slurm-agent that was built for slurmctld's release, and restart it"
    }
  }
}

extension LimitVoid.Kind {
  var advice: String {
    switch self {
    case .notEnforced: "add 'limits' to AccountingStorageEnforce in slurm.conf and restart slurmctld"
    case .untracked: "add the TRES to AccountingStorageTRES in slurm.conf and restart slurmctld"
    case .qos: "clear that limit of the QOS, or keep the QOS from the project's account"
    case .untypedRequests: "cap the TRES without its type as well, or refuse requests that name no type"
    case .partitionAssociations:
      "delete the user's associations by partition with 'sacctmgr delete user', or count on the cap as advice alone"
    case .uncountedJobs: "set up what the reason names, as docs/operations.md says under 'Caps per job type'"
    case .operatorOverride: "nothing grows until that job ends; operators should not alter the size of jobs"
    }
  }
}
