import Model
import Wire
import YAML

@testable import CommandLine

/// `projects.yaml`: what is taken names each project once, each with a limit and a cluster, and travels to
/// sluiced unchanged.
enum ProjectPromises {
  static func check(_ bytes: [UInt8]) throws(Broken) {
    let read = attempt { () throws(YAMLFault) in
      try ProjectsFile.projects(try YAMLReader.parse(bytes, file: YAMLPromises.file))
    }
    switch read {
    case .success(let projects): try checkProjects(projects)
    case .failure(let fault): try YAMLPromises.checkWords(fault)
    }
  }

  private static func checkProjects(_ projects: [Project]) throws(Broken) {
    try promise(Set(projects.map(\.name)).count == projects.count, "a project is there twice")
    for project in projects {
      try promise(!project.limits.isEmpty && !project.clusters.isEmpty, "\(project) has nowhere to run")
      try promise(project.limits.count <= TRESAmounts.most, "\(project) has too many limits")
    }
    let request = PlanRequest(projects: projects)
    let again = attempt { () throws(Failure) in
      try JSON.decode(PlanRequest.self, from: JSON.encode(request))
    }
    try promise((try? again.get()) == request, "sent as another: \(again)")
  }
}
