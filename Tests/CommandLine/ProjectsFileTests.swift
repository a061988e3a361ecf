import Model
import Testing
import Wire
import YAML

@testable import CommandLine

@Suite struct ProjectsFileTests {
  private func read(_ text: String) throws -> [Project] {
    try ProjectsFile.projects(try YAMLReader.parse(Array(text.utf8), file: "p.yaml"))
  }

  private func complaint(_ text: String) -> String {
    do {
      return "none: \(try read(text).count)"
    } catch {
      return "\(error)"
    }
  }

  @Test func readsWhatExists() throws {
    let projects = try read(
      """
      projects:
        - name: genomics
          limits: {cpu: 8, mem: 512, gres/gpu: "2"}
          members: {alice: admin, bob: user}
          clusters: {alpha: {account: gen, parent: bio}, beta: {}, gamma: }
        - {name: chem, parent: genomics, limits: {mem: 2T}, borrow: {mem: 1T}, lend: {jobs/running: 5}, jobs: {running: 20, submitted: 1K}, clusters: {alpha: }}
      """)
    let genomics = try #require(projects.first)
    #expect(projects.map(\.name.text) == ["genomics", "chem"])
    #expect(projects.last?.limits.description == "jobs/running=20,jobs/submitted=1024,mem=2T")
    #expect(projects.last?.borrow.description == "mem=1T")
    #expect(projects.last?.lend.description == "jobs/running=5")
    #expect(projects.map { $0.parent?.text } == [nil, "genomics"])
    #expect(genomics.limits.description == "cpu=8,gres/gpu=2,mem=512M")
    #expect(genomics.members[try UserName("alice")] == .admin)
    #expect(
      genomics.clusters[try ClusterName("alpha")]
        == ClusterBinding(account: try AccountName("gen"), parent: try AccountName("bio")))
    for cluster in ["beta", "gamma"] {
      #expect(
        genomics.clusters[try ClusterName(cluster)] == ClusterBinding(account: try AccountName("genomics")))
    }
  }

  @Test(arguments: ["shares"])
  func laterFieldsAreRefusedInWords(field: String) {
    #expect(
      complaint("projects:\n  - name: a\n    limits: {cpu: 1}\n    clusters: {x: }\n    \(field): {y: 1}\n")
        == "p.yaml:5: projects[0].\(field): this is not supported by this release: remove it")
  }

  @Test func readsABudget() throws {
    let projects = try read(
      """
      projects:
        - {name: a, limits: {cpu: 1}, clusters: {x: }, budget: {tres: {gres/gpu: 10000h, mem: 2Th}, period: quarter,
           carryover: 10%, when_spent: deny, weights: {gres/gpu:h100: 2, mem: 0.5}}}
        - {name: b, limits: {cpu: 1}, clusters: {x: }, budget: {tres: {cpu: 0.5h}, period: {from: 2026-01-01, to: 2026-06-30}}}
      """)
    #expect(
      projects.map { $0.budget?.text ?? "" } == [
        "gres/gpu=10000h,mem=2Th a quarter, carryover 10%, when spent deny, weights gres/gpu:h100=2,mem=0.5",
        "cpu=0.5h from 2026-01-01 to 2026-06-30, when spent hold",
      ])
    for project in projects {
      #expect(try JSON.decode(Project.self, from: JSON.encode(project)) == project)
    }
  }

  @Test(arguments: [
    ("period: month", "budget.tres: this must be given"),
    ("tres: {cpu: 1h}", "budget.period: this must be given"),
    ("tres: {cpu: 100}, period: month", "budget.tres.cpu: '100' is not in hours: write it as in 500h"),
    (
      "tres: {cpu: 1h}, period: decade",
      "budget.period: 'decade' is not one of day, week, month, quarter, year, or {from: 2026-01-01, to: 2026-06-30}"
    ),
    (
      "tres: {cpu: 1h}, period: {from: 2026-02-30, to: 2026-06-30}",
      "budget.period.from: '2026-02-30' is not a day of the calendar"
    ),
    ("tres: {cpu: 1h}, period: month, carryover: 200%", "budget.carryover: must be 0% to 100%, is 200%"),
    (
      "tres: {cpu: 1h}, period: month, when_spent: panic",
      "budget.when_spent: 'panic' is not one of hold, deny, notify"
    ),
    ("tres: {cpu: 1h}, period: month, weights: {cpu: -1}", "budget.weights.cpu: an amount can't be negative"),
    ("tres: {cpu: 1h}, period: month, weights: {cpu: 2000}", "budget.weights.cpu: must be 0 to 1000"),
  ])
  func complainsOfABudget(fields: String, complaint: String) {
    #expect(
      self.complaint(
        "projects:\n  - name: a\n    limits: {cpu: 1}\n    clusters: {x: }\n    budget: {\(fields)}\n")
        == "p.yaml:5: projects[0].\(complaint)")
  }

  @Test func capsPerUserAreAmountsAndCountsOfJobs() throws {
    let text =
      Self.head
      + "    limits: {cpu: 8}\n    clusters: {x: }\n    per_user: {gres/gpu: 2, jobs: {running: 5}}\n"
    #expect(try read(text).first?.perUser.description == "gres/gpu=2,jobs/running=5")
    #expect(
      complaint(text.replacing("running", with: "waiting"))
        == "p.yaml:5: projects[0].per_user.jobs.waiting: there is no such count of jobs: known here are running, submitted, training, inference, workflow"
    )
  }

  @Test func capsPerJobTypeStandWithTheCountsOfJobs() throws {
    let text =
      Self.head
      + "    limits: {cpu: 8}\n    clusters: {x: }\n    jobs: {running: 200, submitted: 1000, training: 20}\n"
      + "    per_user: {jobs: {training: 2}}\n"
    let project = try read(text).first
    #expect(
      project?.limits.description == "cpu=8,jobs/running=200,jobs/submitted=1000,jobs/training=20")
    #expect(project?.perUser.description == "jobs/training=2")
  }

  private static let head = "projects:\n  - name: a\n"

  @Test(arguments: [
    ("", "p.yaml:1: this must be a mapping, as in key: value"),
    ("other: 1", "p.yaml:1: projects: this must be given"),
    ("projects: []\nother: 1", "p.yaml:2: other: there is no such setting: known here are projects"),
    ("projects: []", "p.yaml:1: projects: this names no project"),
    (
      "projects: 3",
      "p.yaml:1: projects: this must be a list, written as [a, b] or as lines that start with '- '"
    ),
    ("projects: [3]", "p.yaml:1: projects[0]: this must be a mapping, as in key: value"),
    ("projects:\n  - limits: {cpu: 1}", "p.yaml:2: projects[0].name: this must be given"),
    (
      "projects:\n  - name: 'a b'",
      "p.yaml:2: projects[0].name: 'a b' is not a project name: letters, digits and _ - . + @, the first a letter, digit or _"
    ),
    (head + "    clusters: {x: }", "p.yaml:2: projects[0].limits: this must be given"),
    (head + "    limits: {cpu: 1}", "p.yaml:2: projects[0].clusters: this must be given"),
    (
      head + "    color: red",
      "p.yaml:3: projects[0].color: there is no such setting: known here are name, parent, limits, jobs, borrow, lend, budget, per_user, members, clusters"
    ),
    (
      head + "    clusters: {x: }\n    limits: {cpu: 1}\n    jobs: {waiting: 3}",
      "p.yaml:5: projects[0].jobs.waiting: there is no such count of jobs: known here are running, submitted, training, inference, workflow"
    ),
    (
      head + "    clusters: {x: }\n    limits: {cpu: 1, jobs/running: 2}\n    jobs: {running: 3}",
      "p.yaml:5: projects[0].jobs.running: jobs/running is given twice"
    ),
    (
      head + "    clusters: {x: }\n    limits: {}",
      "p.yaml:4: projects[0].limits: at least one limit must be given"
    ),
    (
      head + "    clusters: {}\n    limits: {cpu: 1}",
      "p.yaml:3: projects[0].clusters: at least one cluster must be given"
    ),
    (
      head + "    clusters: {x: }\n    limits:\n      cpu: 1\n      mem: lots",
      "p.yaml:6: projects[0].limits.mem: 's' is not a unit: use K, M, G, T or P"
    ),
    (
      head + "    clusters: {x: }\n    limits: {cpu: -1}",
      "p.yaml:4: projects[0].limits.cpu: an amount can't be negative"
    ),
    (
      head + "    clusters: {x: }\n    limits: {gpu: 1}",
      "p.yaml:4: projects[0].limits.gpu: 'gpu' is not a TRES: use cpu, mem, node, billing, gres/NAME, gres/NAME:TYPE, "
        + "license/NAME, jobs/running, jobs/submitted, jobs/training, jobs/inference or jobs/workflow"
    ),
    (head + "    clusters: {x: }\n    limits: {cpu: 1, cpu: 2}", "p.yaml:4: 'cpu' is given twice"),
    (
      head + "    clusters: {x: }\n    limits: {cpu: [1]}",
      "p.yaml:4: projects[0].limits.cpu: this must be a single value"
    ),
    (
      head + "    clusters: {x: }\n    limits: {cpu: 1}\n    members: {bob: boss}",
      "p.yaml:5: projects[0].members.bob: 'boss' is not a role: use admin or user"
    ),
    (
      head + "    clusters: {x: {acount: y}}\n    limits: {cpu: 1}",
      "p.yaml:3: projects[0].clusters.x.acount: there is no such setting: known here are account, parent"
    ),
    (
      head + "    clusters: {x: {namespaces: [y]}}\n    limits: {cpu: 1}",
      "p.yaml:3: projects[0].clusters.x.namespaces: this is not supported by this release: remove it"
    ),
    (
      "projects:\n  - {name: a, limits: {cpu: 1}, clusters: {x: }}\n  - {name: a, limits: {cpu: 1}, clusters: {x: }}",
      "p.yaml:3: projects[1]: project 'a' is given twice: first in line 2"
    ),
  ])
  func everyComplaintNamesFileLineAndField(text: String, expected: String) {
    #expect(complaint(text) == expected)
  }

  @Test func tenThousandProjectsAndNoMore() {
    let lines = (0...10_000).map { "  - {name: p\($0), limits: {cpu: 1}, clusters: {x: }}\n" }
    #expect(complaint("projects:\n" + lines.dropLast().joined()) == "none: 10000")
    #expect(
      complaint("projects:\n" + lines.joined())
        == "p.yaml:2: projects: at most 10000 projects can be given; these are 10001")
  }
}
