import Foundation
import RPC
import Testing

@testable import CommandLine

/// The real `sluice`, run as users run it.
@Suite struct CommandTests {
  private struct Outcome {
    let status: Int32
    let output: String
    let complaint: String
  }

  private func sluice(
    _ arguments: [String], socket: String = "/nowhere/s.sock", input: String = ""
  ) throws -> Outcome {
    let process = Process()
    let here = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    process.executableURL = URL(fileURLWithPath: here).deletingLastPathComponent().appendingPathComponent(
      "sluice")
    process.arguments = arguments
    process.environment = ["SLUICE_SOCKET": socket]
    let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stderr
    try process.run()
    stdin.fileHandleForWriting.write(Data(input.utf8))
    try stdin.fileHandleForWriting.close()
    let output = String(decoding: stdout.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let complaint = String(decoding: stderr.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: output, complaint: complaint)
  }

  private func withService(isWell: Bool = true, _ body: (String) throws -> Void) throws {
    let service = FakeService(isWell: isWell)
    let server = try service.serve()
    defer { server.stop() }
    try body(service.path)
  }

  @Test func noSluicedIsThree() throws {
    let outcome = try sluice(["status"])
    #expect(outcome.status == 3)
    #expect(outcome.output == "")
    #expect(outcome.complaint.hasPrefix("sluice: sluiced can't be reached: "))
    #expect(outcome.complaint.contains("/nowhere/s.sock"))
    #expect(outcome.complaint.contains("systemctl status sluiced"))
  }

  @Test(arguments: [
    ["nonsense"], ["project", "show"], ["project", "show", "a b"], ["status", "-P", "-o", "json"],
    ["quota", "list", "--for", "3"], ["quota", "list", "--watch", "-o", "csv"], ["audit", "--limit", "0"],
    ["project", "set", "x", "--limit", "gpu=1"], ["project", "set", "x", "--member", "alice"],
    ["status", "--timeout", "0"], ["apply"], ["audit", "--since", "soon"],
    ["quota", "history", "x", "--since", "2026-11-24", "--until", "2026-11-23"], ["quota", "history"],
    ["usage", "report", "--by", "colour"], ["usage", "report", "--by", ""],
    ["usage", "report", "--since", "2026-11-24", "--until", "2026-11-23"],
  ])
  func wrongUsageIsTwo(arguments: [String]) throws {
    let outcome = try sluice(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output == "")
    #expect(!outcome.complaint.isEmpty)
  }

  @Test func aBadArgumentIsExplained() throws {
    let complaint = try sluice(["project", "set", "x", "--member", "alice"]).complaint
    #expect(complaint.contains("it needs a role, as in alice=admin or alice=user\n"))
  }

  @Test(arguments: [
    [], ["status"], ["project"], ["project", "list"], ["project", "show"], ["project", "set"],
    ["project", "delete"], ["quota", "list"], ["quota", "show"], ["quota", "history"], ["usage", "report"],
    ["cluster", "list"],
    ["cluster", "show"],
    ["cluster", "drain"], ["cluster", "resume"], ["audit"], ["plan"], ["apply"], ["admin", "backup"],
    ["admin", "check"],
  ])
  func everyVerbHasHelp(verb: [String]) throws {
    let outcome = try sluice(verb + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("USAGE: sluice"))
    #expect(verb == ["project"] || outcome.output.contains("EXAMPLES:"))
  }

  @Test func completionScriptsAreThere() throws {
    let outcome = try sluice(["--generate-completion-script", "bash"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("sluice"))
  }

  @Test func listsFollowTheirPages() throws {
    try withService { socket in
      #expect(
        try sluice(["project", "list", "-P", "-n"], socket: socket).output
          == "genomics||cpu=8,mem=16G|alpha,beta=gen:bio|alice=admin\n"
          + "chem||cpu=8,mem=16G|alpha=chem,beta=gen:bio|alice=admin\n".replacing("alpha=chem", with: "alpha")
      )
      #expect(try sluice(["audit", "-P", "-n"], socket: socket).output.split(separator: "\n").count == 50)
      #expect(
        try sluice(["audit", "-P", "-n", "--limit", "180"], socket: socket).output.split(separator: "\n")
          .count
          == 180)
      let all = try sluice(["audit", "--all", "-o", "csv"], socket: socket).output
      #expect(all.components(separatedBy: "\r\n").count == 252)
      #expect(all.contains("\"a|b, \"\"c\"\"\""))
    }
  }

  @Test func aUsageReportHasAColumnForEachDimensionAndABarForEachRow() throws {
    try withService { socket in
      let report = ["usage", "report", "--by", "user,project", "--since", "2026-11-01"]
      #expect(
        try sluice(report + ["-P"], socket: socket).output
          == "PROJECT|USER|TRES|HOURS\ngenomics|alice|cpu|1234.50\n|alice|cpu|617.25\n"
          + "genomics|alice|mem|1.50T\n")
      #expect(
        try sluice(report + ["-o", "csv", "-n"], socket: socket).output.components(separatedBy: "\r\n").first
          == "genomics,alice,cpu,1234.50,4444200")
      let table = try sluice(report, socket: socket).output.split(separator: "\n")
      #expect(table[1] == "genomics  alice  cpu   1234.50  ####################")
      #expect(table[2] == "          alice  cpu    617.25  ##########..........")
      #expect(table[3] == "genomics  alice  mem     1.50T  ####################")
    }
  }

  @Test func jsonIsTheWiresTypeUnchanged() throws {
    try withService { socket in
      let output = try sluice(["project", "list", "-o", "json"], socket: socket).output
      let value = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
      let items = try #require(value["items"] as? [[String: Any]])
      #expect(items.map { $0["name"] as? String } == ["genomics", "chem"])
      #expect((items[0]["limits"] as? [String: Int]) == ["cpu": 8, "mem": 16 << 30])
      #expect(output.hasPrefix("{\n  \"items\": [\n    {\n      \"name\": \"genomics\",\n"))
    }
  }

  @Test func aFailedRequestIsOne() throws {
    try withService { socket in
      let missing = try sluice(["project", "show", "x"], socket: socket)
      #expect(missing.status == 1)
      #expect(missing.complaint == "sluice: there is no project 'x'\n")
      let old = try sluice(["cluster", "list"], socket: socket)
      #expect(old.status == 1)
      #expect(old.complaint.contains("older than this command"))
    }
  }

  @Test(arguments: [true, false]) func onlyACheckEndsWithOneForAProblem(isWell: Bool) throws {
    try withService(isWell: isWell) { socket in
      #expect(try sluice(["status"], socket: socket).status == 0)
      let check = try sluice(["status", "--check"], socket: socket)
      #expect(check.status == (isWell ? 0 : 1))
      #expect(check.complaint == "")
      #expect(
        check.output.hasSuffix(
          isWell ? "\nNo problems.\n" : "\nPROBLEMS\ncluster beta: no answer\n  start it\n"))
    }
  }

  @Test func setReadsBeforeItWrites() throws {
    try withService { socket in
      let set = try sluice(["project", "set", "genomics", "--limit", "cpu=16"], socket: socket)
      #expect(set.status == 0)
      #expect(
        set.output == "~ genomics\n    ~ limits.cpu: 8 -> 16\nDone: 0 created, 1 changed, 0 unchanged.\n")
      #expect(try sluice(["project", "set", "genomics"], socket: socket).status == 2)
      #expect(try sluice(["project", "set", "new", "--limit", "cpu=16"], socket: socket).status == 2)
    }
  }

  @Test func deletingNeedsAYes() throws {
    try withService { socket in
      let asked = try sluice(["project", "delete", "genomics"], socket: socket)
      #expect(asked.status == 2)
      #expect(asked.complaint.contains("-y"))
      let deleted = try sluice(["project", "delete", "genomics", "-y"], socket: socket)
      #expect(deleted.status == 0)
      #expect(deleted.output.contains("native limits of alpha:genomics, beta:gen stay as they are"))
    }
  }

  @Test func plansEndWithOneWhenRefused() throws {
    try withService { socket in
      let good = "projects: [{name: good, limits: {cpu: 1}, clusters: {alpha: }}]"
      let fine = try sluice(["plan", "-f", "-"], socket: socket, input: good)
      #expect(fine.status == 0)
      #expect(fine.output == "+ good\nPlan: 1 to create, 0 to change, 0 unchanged.\n")
      let refused = try sluice(
        ["apply", "-f", "-"], socket: socket, input: good.replacing("name: good", with: "name: bad"))
      #expect(refused.status == 1)
      #expect(refused.output.contains("refused: no"))
      let broken = try sluice(["plan", "-f", "-"], socket: socket, input: "projects: 3")
      #expect(broken.status == 1)
      #expect(broken.complaint.hasPrefix("sluice: standard input:1: projects: "))
    }
  }

  @Test func aLedgerThatIsNotSoundIsOne() throws {
    try withService { socket in
      let backup = try sluice(["admin", "backup", "/x/copy", "-P", "-n"], socket: socket)
      #expect(backup.status == 0 && backup.output == "/x/copy|4096\n")
      let check = try sluice(["admin", "check"], socket: socket)
      #expect(check.status == 1 && check.complaint == "")
      #expect(
        check.output == "projects: 2\nthe events: number 2 is missing\n  restore a backup\n"
          + "The ledger is not sound.\n")
      let row = try sluice(["admin", "check", "-P", "-n"], socket: socket)
      #expect(row.status == 1 && row.output == "the events|number 2 is missing|restore a backup\n")
    }
  }

  @Test func aWatchEndsWhenItsTimeIsUp() throws {
    try withService { socket in
      let watch = try sluice(["quota", "list", "--watch", "--for", "0.2"], socket: socket)
      #expect(watch.status == 0)
      #expect(watch.output.hasSuffix("Z genomics ok cpu=4/8 in_force=8 pending=2\n"))
      let json = try sluice(["quota", "list", "--watch", "--for", "0.2", "-o", "json"], socket: socket).output
      #expect(json.hasPrefix("{\"quotas\":[{\"project\":\"genomics\",") && json.hasSuffix("],\"gone\":[]}\n"))
    }
  }
}
