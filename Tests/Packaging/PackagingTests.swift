import Foundation
import Testing

/// What `make build` made, installed and packed. Needs root, as the throw-away root does.
@Suite(.serialized) final class PackagingTests {
  private let folder = "/tmp/sluice-test-\(UUID().uuidString.prefix(8))"

  private static let checkout = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func run(_ arguments: [String], _ environment: [String: String] = [:]) throws -> (
    status: Int32, output: String
  ) {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let log = "\(folder)/log"
    try Data().write(to: URL(filePath: log))
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments = ["600"] + arguments
    process.currentDirectoryURL = URL(filePath: Self.checkout)
    process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"].merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    let file = try FileHandle(forUpdating: URL(filePath: log))
    process.standardOutput = file
    process.standardError = file
    try process.run()
    process.waitUntilExit()
    try file.close()
    return (process.terminationStatus, try String(contentsOfFile: log, encoding: .utf8))
  }

  private func files() throws -> Set<String> {
    let found = try run(["find", "\(folder)/root", "-type", "f", "-printf", "%P\\n"]).output
    return Set(found.split(separator: "\n").map(String.init))
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: "\(folder)/root/\(path)", encoding: .utf8)
  }

  @Test func anInstallationIsWholeAndCanBeTakenAway() throws {
    let environment = ["DESTDIR": "\(folder)/root", "PREFIX": "/usr/local"]
    let install = try run(["systemd/install"], environment)
    try #require(install.status == 0, "\(install.output)")
    let installed = try files()
    for file in [
      "usr/local/bin/sluice", "usr/local/bin/sluiced", "usr/local/bin/sluice-slurm-agent",
      "usr/local/lib/systemd/system/sluiced.service", "usr/local/lib/sysusers.d/sluice.conf",
      "usr/local/lib/tmpfiles.d/sluice.conf", "usr/local/share/man/man8/sluiced.8.gz",
      "usr/local/share/bash-completion/completions/sluice",
      "usr/local/share/sluice/slurm-conf/slurm.conf.snippet",
      "usr/local/share/sluice/slurm-conf/job_submit.lua", "usr/local/share/sluice/slurm-conf/job_notice",
      "etc/sluice/sluiced.yaml", "etc/sluice/agent.yaml",
    ] { #expect(installed.contains(file), "\(file)") }
    #expect(
      try text("usr/local/lib/systemd/system/sluiced.service").contains("ExecStart=/usr/local/bin/sluiced\n"))
    let template = try text("usr/local/lib/systemd/system/sluice-slurm-agent@.service")
    #expect(template.contains("--config /etc/sluice/%i.yaml\n"))
    #expect(template.contains("Description=Sluice's agent for Slurm cluster %i\n"))
    try "administrators: [carol]\n".write(
      toFile: "\(folder)/root/etc/sluice/sluiced.yaml", atomically: true, encoding: .utf8)
    #expect(try run(["systemd/install"], environment).status == 0)
    #expect(try text("etc/sluice/sluiced.yaml") == "administrators: [carol]\n", "settings stay as they are")
    #expect(try run(["systemd/install", "--remove"], environment).status == 0)
    #expect(try files() == ["etc/sluice/sluiced.yaml", "etc/sluice/agent.yaml"])
  }

  @Test func thePackagesInstallAndRemoveCleanly() throws {
    let build = try run(["systemd/debian/build", "\(folder)/packages"])
    try #require(build.status == 0, "\(build.output)")
    let check = try run(["systemd/debian/check", "\(folder)/packages"])
    #expect(check.status == 0, "\(check.output)")
    #expect(check.output.contains("check: all is as it was"))
    let exposures = check.output.matches(of: /exposure level for ([\w@.-]+): ([\d.]+)/).map {
      Double($0.output.2) ?? 10
    }
    #expect(exposures.count == 3 && exposures.allSatisfy { $0 <= 2.5 }, "\(exposures)")
  }
}
