internal import Glibc

/// Two real Slurm clusters of `slurm-conf/lab`, for one measurement. Needs root.
final class Lab {
  let folder: String
  private static let root = String(#filePath.dropLast("/Tests/Bench/Lab.swift".count))
  /// The checkout's `slurm-conf`.
  static let slurmConf = "\(root)/slurm-conf"
  private static let scripts = "\(slurmConf)/lab"
  private static let sources = "\(root)/Tests/Bench/Lab"
  static let binaries = "\(root)/.build/release"

  init(options: [String] = []) throws {
    guard geteuid() == 0 else { throw NotMeasured("a lab needs root") }
    folder = try run(["mktemp", "-d", "/tmp/sluice-lab.XXXXXX"]).split(separator: "\n").map(String.init)[0]
    note("bringing up a lab")
    // For `make bench`, which ends the labs of a run that was interrupted.
    if let list = unsafe getenv("SLUICE_LAB_LIST") {
      unsafe try write("\(folder)\n", to: String(cString: list), appending: true)
    }
    do {
      try run(["\(Self.scripts)/up", "--dir", folder] + options, timeout: 300)
    } catch {
      down()
      throw error
    }
  }

  func down() {
    _ = try? run(["\(Self.scripts)/down", "--dir", folder, "--wipe"], timeout: 120)
  }

  func slurmConf(_ cluster: String) -> String { "\(folder)/etc/\(cluster)/slurm.conf" }

  /// Runs one of Slurm's commands, or one that uses libslurm.
  @discardableResult
  func slurm(_ cluster: String, _ words: [String], timeout: Int = 120) throws -> String {
    try run(words, environment: ["SLURM_CONF": slurmConf(cluster)], timeout: timeout)
  }

  /// Compiles `Tests/Bench/Lab/NAME.c`.
  func build(_ name: String) throws -> String {
    let program = "\(folder)/\(name)"
    try run(["cc", "-O2", "-Wall", "-Werror", "-o", program, "\(Self.sources)/\(name).c", "-lslurm"])
    return program
  }

  /// Gives alpha 20,000 associations (accounts bench1 to bench1000) and 20,000 jobs that wait, but for two that run.
  func fill() throws {
    note("filling it with 20,000 associations and 20,000 jobs")
    try control("term", "slurmctld-alpha", "slurmdbd")
    try run([
      "bash", "-c", "exec mariadb --no-defaults --socket=$0 slurm_acct_db <$1", "\(folder)/mysql/mysql.sock",
      "\(Self.sources)/associations.sql",
    ])
    // In this order: slurmctld must find slurmdbd, or it goes on with what it had.
    try control("start", "slurmdbd")
    try control("start", "slurmctld-alpha")
    let uid = try run(["id", "-u", "alice"]).filter(\.isNumber)
    try slurm("alpha", [try build("jobs"), "20000", "1000", uid], timeout: 900)
  }

  private func control(_ action: String, _ daemons: String...) throws {
    try run(["\(Self.scripts)/ctl", folder, action] + daemons, timeout: 200)
  }

  /// A copy that Slurm's users may run: the checkout may be closed to them.
  func binary(_ name: String) throws -> String {
    let copy = "\(folder)/bin/\(name)"
    try run(["install", "-D", "-m", "755", "\(Self.binaries)/\(name)", copy])
    return copy
  }
}
