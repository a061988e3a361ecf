internal import Agent
internal import Glibc
internal import Model
internal import Wire

/// Reads slurm.conf before libslurm does, which would end the process, or wait a minute, where this can say
/// what is wrong. Only what it takes for that: keys are libslurm's to judge.
enum ConfigurationCheck {
  private static let longestFile = 16 << 20
  private static let deepestInclude = 8

  /// What the agent itself wants to know of a configuration.
  struct Findings {
    let cluster: ClusterName
    /// Of PluginDir.
    let pluginFolders: [String]
    /// The user that slurmctld runs as.
    let slurmUser: UInt32
  }

  static func read(_ path: String) throws(Failure) -> Findings {
    var reading = Reading()
    try reading.add(path, depth: 0)
    guard let (name, place) = reading.values["clustername"] else {
      throw bad("\(path): ClusterName is missing")
    }
    guard reading.values["slurmctldhost"] != nil || reading.values["controlmachine"] != nil else {
      throw bad("\(path): SlurmctldHost is missing")
    }
    var pluginFolders: [String] = []
    if let (folders, place) = reading.values["plugindir"] {
      pluginFolders = folders.split(separator: ":").map(String.init)
      for folder in pluginFolders where unsafe access(folder, R_OK | X_OK) != 0 {
        throw bad("\(place): PluginDir \(folder) can't be read: \(reason())")
      }
    }
    let cluster: ClusterName
    do { cluster = try ClusterName(name) } catch {
      throw bad("\(place): ClusterName: \(error)")
    }
    return Findings(
      cluster: cluster, pluginFolders: pluginFolders, slurmUser: try slurmUser(reading.values["slurmuser"]))
  }

  /// A name or a uid; root when it isn't said.
  private static func slurmUser(_ value: (text: String, place: String)?) throws(Failure) -> UInt32 {
    guard let (name, place) = value else { return 0 }
    if let uid = UInt32(name) { return uid }
    guard let uid = uid(ofUser: name) else {
      throw bad("\(place): SlurmUser: there is no user '\(name)' on this host")
    }
    return uid
  }

  private static func bad(_ message: String) -> Failure { Failure(.badParameters, message) }

  private static func reason() -> String { unsafe String(cString: strerror(errno)) }

  private struct Reading {
    /// By key in small letters; the first value counts, and where it stands.
    var values: [String: (String, place: String)] = [:]

    mutating func add(_ path: String, depth: Int) throws(Failure) {
      guard depth <= deepestInclude else { throw bad("\(path): Include is nested too deep") }
      var number = 0
      var joined = ""
      for line in try ConfigurationCheck.lines(of: path) {
        number += 1
        if line.hasSuffix("\\") {
          joined += line.dropLast()
          continue
        }
        try add(line: joined + line, place: "\(path):\(number)", folder: path, depth)
        joined = ""
      }
    }

    private mutating func add(
      line: String, place: String, folder path: String, _ depth: Int
    ) throws(Failure) {
      let words = ConfigurationCheck.words(line)
      guard let first = words.first else { return }
      if first.lowercased() == "include" {
        guard words.count == 2 else { throw bad("\(place): Include needs one file") }
        return try include(words[1], place, path, depth)
      }
      for word in words {
        let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty else {
          throw bad("\(place): '\(word.prefix(80))' is not KEY=VALUE")
        }
        let key = sides[0].lowercased()
        if values[key] == nil { values[key] = (String(sides[1]), place) }
      }
    }

    private mutating func include(
      _ name: String, _ place: String, _ path: String, _ depth: Int
    ) throws(Failure) {
      // libslurm puts the cluster's name for %c.
      let name = name.replacing("%c", with: values["clustername"]?.0 ?? "%c")
      let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
      let full = name.hasPrefix("/") ? name : folder + name
      guard unsafe access(full, R_OK) == 0 else {
        throw bad("\(place): the included file \(full) can't be read: \(reason())")
      }
      try add(full, depth: depth + 1)
    }
  }

  /// The words of a line, without its comment; quotes keep blanks together.
  private static func words(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    for character in line {
      if character == "#", !isQuoted { break }
      if character == "\"" {
        isQuoted.toggle()
      } else if !isQuoted, character == " " || character == "\t" || character == "\r" {
        if !word.isEmpty { words.append(word) }
        word = ""
      } else {
        word.append(character)
      }
    }
    if !word.isEmpty { words.append(word) }
    return joinedAroundEquals(words)
  }

  /// `Key = value` is one word to libslurm.
  private static func joinedAroundEquals(_ words: [String]) -> [String] {
    var result: [String] = []
    for word in words {
      if let last = result.last, last.hasSuffix("=") || (word.hasPrefix("=") && !last.contains("=")) {
        result[result.count - 1] = last + word
      } else {
        result.append(word)
      }
    }
    return result
  }

  private static func lines(of path: String) throws(Failure) -> [String] {
    guard let file = unsafe fopen(path, "re") else { throw bad("\(path) can't be read: \(reason())") }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = unsafe fread(&buffer, 1, buffer.count, file)
      if count == 0 { break }
      bytes += buffer.prefix(count)
      guard bytes.count <= longestFile else { throw bad("\(path) is larger than 16 MiB") }
    }
    guard unsafe ferror(file) == 0 else { throw bad("\(path) can't be read: \(reason())") }
    return bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
