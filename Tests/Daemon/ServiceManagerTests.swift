import Foundation
import Logging
import Testing
import Threads

@testable import Daemon

@Suite struct ServiceManagerTests {
  private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

  private func manager(_ environment: [String: String]) -> ServiceManager {
    ServiceManager { environment[$0] }
  }

  @Test(arguments: [
    "/tmp/sluice-test-\(UUID().uuidString.prefix(8)).sock", "@sluice-test-\(UUID().uuidString.prefix(8))",
  ])
  func theManagerIsToldOverPathsAndAbstractNames(path: String) throws {
    let receiver = try DatagramReceiver(path: path)
    let manager = manager(["NOTIFY_SOCKET": path])
    manager.tellReady(status: "serves\nall")
    manager.tellStopping(status: "ends on SIGTERM")
    #expect(receiver.next() == "READY=1\nSTATUS=serves all")
    #expect(receiver.next() == "STOPPING=1\nSTATUS=ends on SIGTERM")
  }

  @Test func noManagerIsNoTrouble() {
    manager([:]).tellReady(status: "alone")
    manager(["NOTIFY_SOCKET": ""]).tellReady(status: "alone")
    manager(["NOTIFY_SOCKET": "/nowhere/at/all"]).tellReady(status: "alone")
    manager(["NOTIFY_SOCKET": "@" + String(repeating: "x", count: 200)]).tellReady(status: "alone")
  }

  @Test func theWatchdogIsForTheProcessItNames() {
    #expect(manager(["WATCHDOG_USEC": "6000000"]).interval == 3)
    #expect(manager(["WATCHDOG_USEC": "6000000", "WATCHDOG_PID": "\(getpid())"]).interval == 3)
    #expect(manager(["WATCHDOG_USEC": "6000000", "WATCHDOG_PID": "1"]).interval == nil)
    #expect(manager(["WATCHDOG_USEC": "0"]).interval == nil)
    #expect(manager(["WATCHDOG_USEC": "soon"]).interval == nil)
    #expect(manager([:]).interval == nil)
  }

  @Test func signsOfLifeEndWithTheHeartbeatAndComeBackWithIt() throws {
    let receiver = try DatagramReceiver()
    let heartbeat = Heartbeat("the loop")
    manager(["NOTIFY_SOCKET": receiver.path, "WATCHDOG_USEC": "200000"])
      .watch([Heartbeat.always, heartbeat], logger: logger)
    #expect(receiver.next() == "WATCHDOG=1")
    #expect(
      receiver.first { $0 != "WATCHDOG=1" }?.hasPrefix("STATUS=the loop does not go round since ") == true,
      "2 s, though a tenth of a second is asked for: loops beat once a second")
    heartbeat.beat()
    #expect(receiver.first { $0 == "WATCHDOG=1" } != nil)
  }
}

extension Heartbeat {
  /// Of a loop that goes on.
  fileprivate static var always: Heartbeat {
    let heartbeat = Heartbeat("another")
    startThread { while true { heartbeat.beat(); sleep(seconds: 0.05) } }
    return heartbeat
  }
}
