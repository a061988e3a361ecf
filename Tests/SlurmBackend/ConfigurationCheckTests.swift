import Foundation
import Model
import Testing
import Wire

@testable import SlurmBackend

struct ConfigurationCheckTests {
  /// Writes `files` into a folder of their own and checks the first.
  private func check(_ files: (name: String, text: String)...) throws -> ConfigurationCheck.Findings {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for file in files {
      try file.text.write(to: folder.appending(path: file.name), atomically: true, encoding: .utf8)
    }
    return try ConfigurationCheck.read(folder.appending(path: files[0].name).path)
  }

  @Test func theClustersNameIsFound() throws {
    let text = """
      # comment
      clustername = alpha   # and more
      SlurmctldHost=head(10.0.0.1) PluginDir=/usr/lib
      NodeName=a[1-2] \\
        CPUs=4 Features="x y"
      include more.conf
      """
    #expect(
      try check(("slurm.conf", text), ("more.conf", "PartitionName=p Nodes=ALL")).cluster.text == "alpha")
  }

  @Test(arguments: [("", 0), ("SlurmUser=daemon", 1), ("slurmuser = 64030", 64030)])
  func theUserOfSlurmctldIsFound(_ line: String, _ uid: UInt32) throws {
    #expect(try check(("slurm.conf", "ClusterName=a\nSlurmctldHost=h\n\(line)")).slurmUser == uid)
  }

  @Test(arguments: [
    ("SlurmctldHost=h", "ClusterName is missing"), ("ClusterName=a", "SlurmctldHost is missing"),
    ("ClusterName=a\nSlurmctldHost=h\nnonsense", "slurm.conf:3: 'nonsense'"),
    ("ClusterName=a\nSlurmctldHost=h\nInclude gone.conf", "slurm.conf:3: the included file"),
    ("ClusterName=a\nSlurmctldHost=h PluginDir=/not/there", "slurm.conf:2: PluginDir /not/there"),
    ("ClusterName=a/b\nSlurmctldHost=h", "slurm.conf:1: ClusterName"),
    ("ClusterName=a\nSlurmctldHost=h\nSlurmUser=no-such-user", "slurm.conf:3: SlurmUser: there is no user"),
    ("Include slurm.conf", "nested too deep"),
  ])
  func faultsNameFileAndLine(_ text: String, _ part: String) throws {
    let failure = try #require(throws: Failure.self) { try check(("slurm.conf", text)) }
    #expect(failure.message.contains(part), "\(failure.message)")
  }

  @Test func aMissingFileIsSaid() throws {
    let failure = try #require(throws: Failure.self) {
      try ConfigurationCheck.read("/not/there/slurm.conf")
    }
    #expect(failure.message.contains("/not/there/slurm.conf can't be read"))
  }
}
