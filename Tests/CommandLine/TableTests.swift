import Testing

@testable import CommandLine

@Suite struct TableTests {
  private struct Row {
    var name: String
    var count: Int
    var note: String
    var state = Tone.plain
  }

  private let columns: [Column<Row>] = [
    .text("NAME", tone: { $0.state }) { $0.name },
    .text("COUNT", .right) { "\($0.count)" },
    .text("ID", .right, .wide) { _ in "7" },
    .text("NOTE", isElastic: true) { $0.note },
  ]
  private let rows = [Row(name: "a", count: 5, note: "one, two"), Row(name: "beta", count: 1200, note: "")]

  @Test func columnsAreAlignedAndNothingTrails() {
    #expect(
      Table.lines(rows, columns, Style()) == ["NAME  COUNT  NOTE", "a         5  one, two", "beta   1200"])
  }

  @Test func wideHasMore() {
    #expect(
      Table.lines(rows, columns, Style(form: .wide))
        == ["NAME  COUNT  ID  NOTE", "a         5   7  one, two", "beta   1200   7"])
  }

  @Test func withoutHeader() {
    #expect(Table.lines(rows, columns, Style(hasHeader: false)) == ["a         5  one, two", "beta   1200"])
    #expect(Table.lines(rows, columns, Style(form: .csv, hasHeader: false)).count == 2)
    #expect(Table.lines([], columns, Style()) == ["NAME  COUNT  NOTE"])
  }

  @Test func parsableIsNeverCutAndNeverBroken() {
    let odd = [Row(name: "a|b\\", count: 1, note: "x\ny" + String(repeating: "z", count: 300))]
    #expect(
      Table.lines(odd, columns, Style(form: .parsable(wide: false), width: 20))
        == ["NAME|COUNT|NOTE", "a\\|b\\\\|1|x\\ny" + String(repeating: "z", count: 300)])
    #expect(
      Table.lines(rows, columns, Style(form: .parsable(wide: true)))
        == ["NAME|COUNT|ID|NOTE", "a|5|7|one, two", "beta|1200|7|"])
  }

  @Test func csvIsRFC4180() {
    let odd = [Row(name: "a\"b", count: 1, note: "x\ny"), Row(name: "c,d", count: 2, note: "plain")]
    #expect(
      Table.lines(odd, columns, Style(form: .csv, width: 10))
        == ["NAME,COUNT,ID,NOTE\r", "\"a\"\"b\",1,7,\"x\ny\"\r", "\"c,d\",2,7,plain\r"])
  }

  @Test func aNarrowTerminalCutsWhatMayBeCut() {
    let long = [Row(name: "beta", count: 1, note: "a long story about nodes")]
    #expect(Table.lines(long, columns, Style(width: 23)) == ["NAME  COUNT  NOTE", "beta      1  a long st~"])
    #expect(
      Table.lines(long, columns, Style(width: 23, isUnicode: true)).last == "beta      1  a long st…")
    #expect(Table.lines(long, columns, Style(width: 1)).last == "beta      1  a long ~")
  }

  @Test func coloursPaintWordsNotPadding() {
    let red = [Row(name: "a", count: 5, note: "x", state: .bad), Row(name: "beta", count: 1, note: "")]
    #expect(
      Table.lines(red, columns, Style(isColoured: true))
        == ["NAME  COUNT  NOTE", "\u{1b}[31ma\u{1b}[0m         5  x", "beta      1"])
  }

  @Test func foreignTextCannotMoveTheCursor() {
    let evil = [Row(name: "a\u{1b}[2J", count: 1, note: "x\ny\r")]
    #expect(Table.lines(evil, columns, Style()) == ["NAME   COUNT  NOTE", "a?[2J      1  x y?"])
  }

  @Test func aSheetHasALineForEachColumn() {
    let style = Style(form: .table)
    #expect(
      Table.sheet(rows[1], columns, style) == ["NAME   beta", "COUNT  1200", "ID     7", "NOTE   -"])
    #expect(
      Table.sheet(rows[0], columns, Style(form: .parsable(wide: false))) == [
        "NAME|COUNT|NOTE", "a|5|one, two",
      ])
  }

  @Test func aCutLineCountsNoColours() {
    let style = Style(width: 4, isColoured: true)
    #expect(style.cut("ab\u{1b}[31mcd\u{1b}[0m") == "ab\u{1b}[31mcd\u{1b}[0m")
    #expect(style.cut("ab\u{1b}[31mcdef\u{1b}[0m") == "ab\u{1b}[31mcd\u{1b}[0m")
    #expect(Style(width: 4).cut("abcdef") == "abcd")
    #expect(Style().cut("abcdef") == "abcdef")
  }
}
