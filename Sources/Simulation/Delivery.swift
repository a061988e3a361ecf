internal import Core
internal import Model
internal import Quota

// The lines between the coordinator and its agents.
extension World {
  func publish(_ index: Int) {
    guard links[index].hasRoom, let view = agents[index].readJobs() else { return }
    let report = links[index].report(view, of: clusters[index], as: names)
    say("c\(index) tells: \(report.summary)")
    links[index].messages.append(.view(report, edits: view.edits))
  }

  func work(_ index: Int) {
    guard let (answer, line) = agents[index].work() else { return }
    say("c\(index) answers write \(line.number): \(answer)")
    // An answer goes to the connection that asked, if it is still there.
    guard links[index].isUp, links[index].number == line.connection else { return }
    let end: WriteEnd
    switch answer {
    case .refused: end = .refused("outdated")
    case .taken(let failed):
      var failures = NameMap<AccountTag, String>()
      for project in failed { failures[names.accounts[project]] = "not shown" }
      end = .taken(failures: failures)
    }
    links[index].messages.append(.ended(line.number, end))
  }

  func deliver(from index: Int, twice: Bool, using dice: inout SeededRandom) throws(Violation) {
    let name = names.clusters[index]
    guard links[index].isUp else {
      guard links[index].isBelieved else { return }
      links[index].isBelieved = false
      return try feed(.unlinked(name))
    }
    guard !links[index].messages.isEmpty else { return }
    let message = links[index].messages.removeFirst()
    let death = death(using: &dice)
    switch message {
    case .hello(let lastWrite):
      try feed(.linked(name, lastWrite: lastWrite), dying: death)
    case .view(let report, let edits):
      // The same line once more, after whatever has come by then.
      let isNewest = links[index].isNewest(report)
      if twice { links[index].messages.append(message) }
      // What was decided before is judged by what was known then.
      try auditor.check(step: step)
      if death != .beforeCommit { auditor.told(of: edits, in: index) }
      try feed(.report(name, report), dying: death)
      if death == nil, isNewest { try checkTold(report, in: index) }
    case .ended(let number, let end):
      auditor.ended(in: index)
      try feed(.writeEnded(name, number, end), dying: death)
      if twice, death == nil { try feed(.writeEnded(name, number, end)) }
    }
  }
}

extension Report {
  /// For a trace.
  fileprivate var summary: String {
    "view \(head.serial) after \(head.applied.map { "\($0)" } ?? "-")\(head.isSettled ? "" : ", unsettled")"
      + accounts.map { ", \($0.account) \($0.sighting.limits) used \($0.sighting.used)" }.joined()
  }
}
