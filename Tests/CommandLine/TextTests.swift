import Model
import Testing
import Wire

@testable import CommandLine

@Suite struct TextTests {
  private func bar(_ used: Int64, _ inForce: Int64, of cap: Int64, isUnicode: Bool = false) -> String {
    Bar(used: Amount(units: used), inForce: Amount(units: inForce), cap: Amount(units: cap))
      .text(width: 10, isUnicode: isUnicode)
  }

  @Test func barsShowUseAndForce() {
    #expect(bar(0, 0, of: 10) == "..........")
    #expect(bar(4, 7, of: 10) == "####===...")
    #expect(bar(4, 7, of: 10, isUnicode: true) == "████▒▒▒░░░")
    #expect(bar(10, 10, of: 10) == "##########")
    #expect(bar(1, 1, of: 1000) == "#.........")
  }

  @Test func barsBeyondTheCapAreMarked() {
    #expect(bar(11, 11, of: 10) == "#########!")
    #expect(bar(5, 11, of: 10) == "#####====!")
    #expect(bar(1, 0, of: 0) == "#########!")
    #expect(bar(0, 0, of: 0) == "..........")
  }

  private let value = JSONValue.object([
    (key: "items", value: .array([.object([(key: "a", value: .integer(1)), (key: "b", value: .null)])])),
    (key: "gres/gpu", value: .number(0.5)), (key: "none", value: .array([])),
    (key: "text", value: .string("x\n\"y\"")), (key: "yes", value: .string("no")),
    (key: "nested", value: .array([.array([.bool(true), .string("alpha")])])),
  ])

  @Test func jsonIsIndentedByTwo() {
    #expect(
      JSONText.lines(value).joined(separator: "\n") == """
        {
          "items": [
            {
              "a": 1,
              "b": null
            }
          ],
          "gres/gpu": 0.5,
          "none": [],
          "text": "x\\n\\"y\\"",
          "yes": "no",
          "nested": [
            [
              true,
              "alpha"
            ]
          ]
        }
        """)
  }

  @Test func yamlQuotesWhatCouldBeTakenForSomethingElse() {
    #expect(
      YAMLText.lines(value).joined(separator: "\n") == """
        items:
          - a: 1
            b: null
        gres/gpu: 0.5
        none: []
        text: "x\\n\\"y\\""
        "yes": "no"
        nested:
          - - true
            - alpha
        """)
  }

  @Test(arguments: ["", "null", "12", "1e3", "-", "a: b", "#x", "True", "~", "a b", "*x", "é"])
  func yamlText(text: String) {
    #expect(YAMLText.lines(.string(text)) == ["\"\(text)\""])
  }

  /// Found by fuzzing: the first is no character of YAML, and the others are line breaks there.
  @Test(arguments: [
    ("\u{9B}", #""\u009b""#), ("a\u{2028}b", #""a\u2028b""#), ("\u{85}", #""\u0085""#),
    ("\u{FEFF}", #""\ufeff""#),
  ])
  func yamlTextHasOnlyCharactersOfYAML(text: String, written: String) {
    #expect(YAMLText.lines(.string(text)) == [written])
  }

  @Test(arguments: [
    (0.0, "0s"), (59.9, "59s"), (60, "1m"), (61, "1m1s"), (3600, "1h"), (3660, "1h1m"), (86_400, "1d"),
    (100_000, "1d3h"), (-5, "0s"), (.infinity, "11574074d1h"),
  ])
  func durations(seconds: Double, text: String) { #expect(Words.duration(seconds) == text) }
}
