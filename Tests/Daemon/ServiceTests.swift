import ArgumentParser
import Foundation
import Model
import Testing
import YAML

@testable import Daemon

private struct Example: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "example", version: "1.2")
  @Option var config: String?
}

@Suite struct ServiceTests {
  private func ending(_ arguments: [String]) -> (message: String, status: ServiceExit) {
    do {
      _ = try Example.parse(arguments)
      return ("", .ok)
    } catch {
      return Service.ending(of: error, of: Example.self)
    }
  }

  @Test func usageErrorsEndWithTwo() {
    #expect(ending(["--nonsense"]).status == .usage)
    #expect(ending(["--nonsense"]).message.contains("--nonsense"))
  }

  @Test func helpAndVersionEndWithZero() {
    #expect(ending(["--version"]).message == "1.2\n")
    #expect(ending(["--version"]).status == .ok)
    #expect(ending(["--help"]).status == .ok)
    #expect(ending(["--help"]).message.contains("--config"))
  }

  @Test func badSettingsEndWith78() {
    let fault = YAMLFault(file: "a.yaml", line: 3, message: "x: bad")
    let ending = Service.ending(of: fault, of: Example.self)
    #expect(ending.message == "a.yaml:3: x: bad\n")
    #expect(ending.status == .configuration)
  }

  @Test func aRefusedStartEndsWith78() {
    let ending = Service.ending(of: StartRefusal("it is a backup"), of: Example.self)
    #expect(ending.message == "it is a backup\n")
    #expect(ending.status == .configuration)
  }

  @Test func otherErrorsEndWithOne() {
    struct Trouble: Error, CustomStringConvertible { let description = "the disk is full" }
    let ending = Service.ending(of: Trouble(), of: Example.self)
    #expect(ending.message.contains("the disk is full"))
    #expect(ending.status == .failed)
  }

  @Test func onlyTheUsualFileMayBeMissing() throws {
    let path = NSTemporaryDirectory() + "sluice-\(UUID().uuidString).yaml"
    var nothing = try Settings.read(named: nil, usual: path)
    #expect(try nothing.text("socket") == nil)
    #expect(throws: YAMLFault.self) { try Settings.read(named: path, usual: "/etc/sluice/x.yaml") }
    try "socket: /run/x\n".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    var named = try Settings.read(named: path, usual: "/etc/sluice/x.yaml")
    #expect(try named.text("socket") == "/run/x")
    try named.finish()
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z"), (951_782_400, "2000-02-29T00:00:00Z"), (951_868_799, "2000-02-29T23:59:59Z"),
    (1_764_016_200, "2025-11-24T20:30:00Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
    (253_402_300_799, "9999-12-31T23:59:59Z"), (-1, "1969-12-31T23:59:59Z"),
  ])
  func timesAreWrittenInUTC(seconds: Int64, text: String) {
    #expect(Timestamp(seconds: seconds).iso8601 == text)
  }
}
