internal import ArgumentParser
internal import Transport

/// What `ssh HOST` runs to reach an agent from another host.
struct DialCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dial", abstract: "Passes lines between the standard streams and an agent's socket.")

  @Argument(help: "The agent's socket.")
  var socket: String

  func run() throws { try Relay.run(path: socket) }
}
