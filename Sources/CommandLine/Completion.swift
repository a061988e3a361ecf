internal import ArgumentParser
internal import Wire

/// What the shell offers for an argument, asked of sluiced. Silent when it can't be asked: a completion has
/// nowhere to complain.
enum Completion {
  static let projects = CompletionKind.custom { words, _, _ in names(words, "project.list", "name") }
  static let clusters = CompletionKind.custom { words, _, _ in names(words, "cluster.list", "cluster") }

  @Sendable private static func names(_ words: [String], _ method: String, _ field: String) -> [String] {
    guard var options = try? ConnectionOptions.parse([]) else { return [] }
    if let flag = words.firstIndex(of: "--socket"), flag + 1 < words.count {
      options.socket = words[flag + 1]
    }
    options.timeout = 1
    guard let session = try? Session(options),
      let page = try? session.call(method, PageRequest(limit: PageRequest.most), as: Page<JSONValue>.self)
    else { return [] }
    return page.items.compactMap { if case .string(let name)? = $0[field] { name } else { nil } }
  }
}
