internal import CommandLine

@main enum Main {
  static func main() { SluiceCommand.main() }
}
