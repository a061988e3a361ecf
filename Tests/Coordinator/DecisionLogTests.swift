import Foundation
import Logging
import Model
import Synchronization
import Testing
import Wire

@testable import Coordinator

/// Keeps what is logged.
private final class Book: Sendable {
  private let lines = Mutex<[String]>([])

  var all: [String] { lines.withLock { $0 } }

  var logger: Logger {
    var logger = Logger(label: "test") { _ in Handler(book: self) }
    logger.logLevel = .debug
    return logger
  }

  private struct Handler: LogHandler {
    let book: Book
    var logLevel = Logger.Level.debug
    var metadata: Logger.Metadata = [:]

    init(book: Book) { self.book = book }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      let pairs = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      let line = (["\(event.level): \(event.message)"] + pairs).joined(separator: " ")
      book.lines.withLock { $0.append(line) }
    }
  }
}

@Suite struct DecisionLogTests {
  @Test func eachDecisionIsALineWithItsFacts() throws {
    let book = Book()
    let service = try Service(logger: book.logger)
    defer { service.remove() }
    defer { service.end() }
    _ = try service.call(
      "project.set", ProjectSet(project: try Service.project("gen"), reason: "grant 7"), as: PlanStep.self)
    _ = try? service.call("project.get", ProjectRequest(project: try ProjectName("none")), as: Project.self)
    let lines = book.all
    #expect(
      lines.contains {
        $0.hasPrefix("notice: project.set project=gen reason=grant 7 to=") && $0.hasSuffix(" who=root")
      })
    #expect(
      lines.contains {
        $0
          == "debug: request failed code=not_found method=project.get reason=there is no project 'none' uid=0"
      })
    #expect(lines.contains { $0.hasPrefix("notice: term begins ") && $0.contains(" term=1") })
  }

  @Test func anAgentThatIsAwayIsOneLineAndNotOneATry() throws {
    let book = Book()
    let service = try Service(logger: book.logger)
    defer { service.remove() }
    // Some tries later.
    Thread.sleep(forTimeInterval: 2)
    service.end()
    let lost = book.all.filter { $0.hasPrefix("warning: agent lost cluster=alpha ") }
    #expect(lost.count == 1, "\(book.all)")
    #expect(lost.first?.contains("no one listens on") == true)
  }
}
