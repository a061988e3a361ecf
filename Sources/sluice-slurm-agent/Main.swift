internal import Daemon

@main enum Main {
  static func main() { Service.main(AgentCommand.self) }
}
