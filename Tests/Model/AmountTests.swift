import Model
import Testing

@Suite struct AmountTests {
  @Test(arguments: [
    ("8", TRES.cpu, 8000), ("0.5", .cpu, 500), ("1.234", .cpu, 1234), ("2K", .cpu, 2_048_000),
    ("100", .memory, 104_857_600_000), ("16G", .memory, 17_179_869_184_000), ("1.5K", .memory, 1_536_000),
    ("0", .gpu, 0),
  ])
  func readsSlurmsNotation(text: String, tres: TRES, milli: Int64) throws {
    #expect(try Amount(parsing: text, of: tres).milli == milli)
  }

  @Test(arguments: [
    ("", AmountError.empty), ("-1", .negative), ("x", .unknownSuffix("x")), ("1.2345", .tooPrecise("1.2345")),
    ("1e9", .notANumber("1e9")), ("99999999999999999999", .tooLarge), ("9000P", .tooLarge),
    (".", .notANumber(".")),
    ("8Q", .unknownSuffix("Q")), ("1..2", .notANumber("1..2")), ("+1", .notANumber("+1")),
    ("١", .notANumber("١")),
  ])
  func refusesJunk(text: String, error: AmountError) {
    #expect(throws: error) { try Amount(parsing: text, of: .cpu) }
  }

  @Test(arguments: [
    ("8", TRES.cpu), ("0.5", .cpu), ("16G", .memory), ("1K", .memory), ("3M", .memory), ("0", .memory),
  ])
  func writesWhatItReads(text: String, tres: TRES) throws {
    #expect(try Amount(parsing: text, of: tres).text(of: tres) == text)
  }

  @Test func saturates() {
    #expect(Amount.unbounded + Amount(units: 1) == .unbounded)
    #expect(Amount(units: 1) - Amount(units: 2) == .zero)
    #expect(Amount(units: .max) == .unbounded)
  }

  /// Found when the promises for fuzzing were written: rounding up to kilobytes trapped.
  @Test func theLargestMemoryIsShownInKilobytes() {
    #expect(Amount(milli: .max - 1).text(of: .memory) == "9007199254741K")
  }

  /// Found when the promises for fuzzing were written: it was taken for no limit, and shown as `unlimited`, which
  /// can't be read.
  @Test func noAmountThatIsWrittenIsUnbounded() throws {
    #expect(throws: AmountError.tooLarge) { try Amount(parsing: "9223372036854775.807", of: .cpu) }
    #expect(throws: AmountError.tooLarge) { try Amount(parsing: "9223372036854775", of: .cpu) }
    for (text, tres) in [("9007199254740992", TRES.cpu), ("8P", .memory)] {
      #expect(try Amount(parsing: text, of: tres).text(of: tres) == text)
    }
  }

  /// Found when the promises for fuzzing were written: sluiced refused what `sluice` had sent, since `10.1T` is no
  /// whole number of bytes.
  /// Found by fuzzing: a double of that size no longer tells thousandths apart.
  @Test func noAmountThatIsReadHasThousandthsThatADoubleLacks() throws {
    let large = try Amount(parsing: "8982794791401.999", of: .cpu)
    #expect(large == Amount(units: 8_982_794_791_401))
    let most = try Amount(parsing: "8796093022207.999", of: .cpu)
    #expect(Int64((Double(most.milli) / 1000 * 1000).rounded()) == most.milli)
  }

  @Test func memoryIsInWholeBytes() throws {
    #expect(try Amount(parsing: "10.1T", of: .memory) == Amount(units: 11_105_067_440_537))
    #expect(try Amount(parsing: "0.001K", of: .memory) == Amount(units: 1))
    #expect(try Amount(parsing: "9000000000000.5", of: .cpu) == Amount(units: 9_000_000_000_000))
  }

  /// Found by fuzzing: the whole text was in the complaint, however long.
  @Test func complaintsAreShortHoweverLongTheText() {
    let long = String(repeating: "1e", count: 10_000) + "1"
    for fault in [AmountError.notANumber(long), .tooPrecise(long)] { #expect(fault.description.count < 120) }
    #expect(TRESError.missingAmount(long).description.count < 120)
    // One Character, however many accents it has.
    let accents = "e" + String(repeating: "\u{301}", count: 10_000)
    #expect(AmountError.notANumber(accents).description.utf8.count < 300)
  }

  @Test func rounds() {
    #expect(Amount(milli: 2500).roundedDown(to: Amount(units: 1)) == Amount(units: 2))
    #expect(Amount(milli: 2500).roundedUp(to: Amount(units: 1)) == Amount(units: 3))
    #expect(Amount(units: 2).roundedUp(to: Amount(units: 1)) == Amount(units: 2))
  }
}

@Suite struct TRESTests {
  @Test(arguments: [
    "cpu", "mem", "node", "gres/gpu", "gres/gpu:a100", "license/matlab@server", "billing", "jobs/running",
    "jobs/workflow",
  ])
  func takesNames(name: String) throws {
    #expect(try TRES(name).name == name)
  }

  @Test(arguments: [
    "", "gpu", "gres/", "gres/:a", "gres/gpu:", "cpu/x", "gres/g u", "CPU", "gres/a/b", "gres/\u{301}gpu",
    "jobs/", "jobs/waiting", "jobs/Training",
  ])
  func refusesNames(name: String) {
    #expect(throws: TRESError.self) { try TRES(name) }
  }

  @Test func knowsTheUntypedName() throws {
    #expect(try TRES("gres/gpu:a100").untyped == .gpu)
    #expect(TRES.gpu.untyped == nil)
  }

  @Test func knowsWhichTypeOfJobsItCounts() throws {
    for type in JobType.allCases { #expect(try TRES(type.tres.name).jobType == type) }
    #expect(JobType.training.tres.name == "jobs/training")
    #expect(TRES.runningJobs.jobType == nil)
    #expect(try TRES("license/training").jobType == nil)
  }

  @Test func readsLists() throws {
    let amounts = try TRESAmounts(parsing: "gres/gpu:a100=4,cpu=8,mem=16G")
    #expect(amounts.description == "cpu=8,gres/gpu:a100=4,mem=16G")
    #expect(throws: TRESError.duplicate(.cpu)) { try TRESAmounts(parsing: "cpu=1,cpu=2") }
    #expect(throws: TRESError.missingAmount("cpu")) { try TRESAmounts(parsing: "cpu") }
    #expect(throws: TRESError.amount(.cpu, .negative)) { try TRESAmounts(parsing: "cpu=-1") }
  }
}

@Suite struct NameTests {
  @Test(arguments: ["", "-a", ".", "a b", "a/b", "é", String(repeating: "a", count: 65)])
  func refuses(text: String) {
    #expect(throws: NameError.self) { try ProjectName(text) }
  }

  @Test func mapsKeepTheOrderOfNames() throws {
    var map = NameMap<UserTag, Int>()
    for (name, value) in [("carol", 3), ("alice", 1), ("bob", 2)] { map[try UserName(name)] = value }
    #expect(map.names.map(\.text) == ["alice", "bob", "carol"])
    map[try UserName("bob")] = nil
    map.update(try UserName("carol")) { $0 += 1 }
    #expect(map.map(\.value) == [1, 4])
  }
}
