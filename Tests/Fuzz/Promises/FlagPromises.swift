import ArgumentParser
import Model
import Wire

@testable import CommandLine

/// The arguments of `sluice`, one a line: each is taken, or refused in words. Nothing is run.
enum FlagPromises {
  static func check(_ text: String) throws(Broken) {
    let arguments = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // A shell's question for completions is answered by asking sluiced.
    guard arguments.first?.hasPrefix("---") != true else { return }
    do {
      let command = try Root.parseAsRoot(arguments)
      if let set = command as? ProjectSetVerb { try checkEdit(set) }
    } catch let broken as Broken {
      throw broken
    } catch {
      try promise(!Root.fullMessage(for: error).isEmpty, "\(arguments) are refused without words")
    }
  }

  /// What the flags make of a project travels unchanged, or is refused in words.
  private static func checkEdit(_ set: ProjectSetVerb) throws(Broken) {
    let edit = ProjectEdit(
      limits: set.limits, clusters: set.clusters, members: set.members, removedLimits: set.removeLimit,
      removedClusters: set.removeCluster, removedMembers: set.removeMember)
    switch attempt({ () throws(CommandFailure) in try edit.applied(to: nil, name: set.project) }) {
    case .success(let project):
      let again = attempt { () throws(Failure) in try JSON.decode(Project.self, from: JSON.encode(project)) }
      try promise((try? again.get()) == project, "sent as another: \(again)")
    case .failure(let failure):
      try promise(failure.lines.contains { !$0.isEmpty }, "refused without words")
    }
  }
}
