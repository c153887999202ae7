import AWSAuth
import ArgumentParsing
import Synchronization
import Testing

@testable import DualTableCommand
@testable import DualTableScan

@Suite struct ProgressTests {
  static func status(scanned: Int, done: Int, of segments: Int, seconds: Int, written: Int = 0) -> PassCheckpoint.Status {
    var totals = PassCounts()
    totals[.scanned] = scanned
    totals[.writeMilliunits] = written * 1_000
    return PassCheckpoint.Status(
      totals: totals, doneTotals: totals, segments: segments, doneSegments: done, heldSegments: 0, elapsed: .seconds(seconds), restarts: 0)
  }

  @Test func `shows how far a pass is`() {
    #expect(PassPace.progress(Self.status(scanned: 1_234, done: 0, of: 100, seconds: 1)) == "1,234")
    #expect(PassPace.progress(Self.status(scanned: 1_234, done: 10, of: 100, seconds: 1)) == "1,234 / ~12,340 (10 %)")
    #expect(PassPace.progress(Self.status(scanned: 5, done: 4, of: 4, seconds: 1)) == "5 / ~5 (100 %)")
  }

  @Test func `shows how fast it goes and how long it takes`() throws {
    var pace = PassPace()
    #expect(pace.rates.isEmpty)
    pace.sample(Self.status(scanned: 0, done: 0, of: 100, seconds: 0))
    let last = Self.status(scanned: 2_000, done: 10, of: 100, seconds: 4, written: 4_000)
    pace.sample(last)
    #expect(pace.rates.map(\.text) == ["500 items/s", "read 0/s", "write 1,000/s"])
    #expect(try #require(pace.eta(last)).text == "eta 00:00:36")
  }

  static func reporter(isLive: Bool, format: Log.Format, _ written: TerminalTests.Written) throws -> ProgressReporter {
    let terminal = Terminal(sinks: written.sinks, isLive: isLive)
    let tool = Command("dualtable", "", examples: [], subcommands: [Command("backfill", "", examples: [])])
    guard case .run(let invocation) = try tool.parse(["backfill"]) else { preconditionFailure("a command line to run") }
    return ProgressReporter(
      "backfill",
      CommandContext(
        tool: tool, settings: Settings(invocation: invocation, environment: [:], file: [], fileName: "dualtable.yaml"), terminal: terminal,
        log: Log(terminal: terminal, clock: WallClock { 0 }, format: format), surroundings: .unused))
  }

  @Test func `a pipe gets a line every ten seconds`() throws {
    let written = TerminalTests.Written()
    let reporter = try Self.reporter(isLive: false, format: .text, written)
    for second in 100..<125 { reporter.update(at: .seconds(second), [("items", "\(second)"), ("eta", "eta 1")]) }
    #expect(written.texts.withLock { $0 } == ["backfill  110  eta 1\n", "backfill  120  eta 1\n"])
  }

  @Test("Logs are bounded: a run of a hundred million items at 400 a second writes less than a megabyte", arguments: Log.Format.allCases)
  func bounded(_ format: Log.Format) throws {
    let written = TerminalTests.Written()
    let reporter = try Self.reporter(isLive: false, format: format, written)
    let figures: ProgressReporter.Figures = [
      ("elapsed", "69:26:40"), ("items", "99,204,331 / ~100,000,000 (99 %)"), ("rate", "400 items/s"), ("read", "read 38/100"),
      ("write", "write 400/400"), ("limit", "(limited by: TableWriteProvisionedThroughputExceeded)"), ("already", "already 1,204,331"),
      ("failed", "failed 1,003 (invalidValue 1,000, refused 3)"), ("eta", "eta 00:03:04"),
    ]
    for second in 0...250_000 { reporter.update(at: .seconds(second), figures) }
    let texts = written.texts.withLock { $0 }
    #expect(texts.count > 1_500 && texts.reduce(0) { $0 + $1.utf8.count } < 1_000_000)
  }

  @Test func `a log of JSON gets an object`() throws {
    let written = TerminalTests.Written()
    let reporter = try Self.reporter(isLive: false, format: .json, written)
    for second in 0..<11 { reporter.update(at: .seconds(second), [("items", "\(second)")]) }
    #expect(
      written.texts.withLock { $0 } == [
        #"{"time":"1970-01-01T00:00:00Z","level":"info","message":"progress","command":"backfill","items":"10"}"# + "\n"
      ])
  }

  @Test func `a terminal gets every one, on one line`() throws {
    let written = TerminalTests.Written()
    let reporter = try Self.reporter(isLive: true, format: .text, written)
    for second in 0..<3 { reporter.update(at: .seconds(second), [("items", "\(second)")]) }
    #expect(written.texts.withLock { $0 } == (0..<3).map { "\r\u{1B}[2Kbackfill  \($0)" })
  }

  @Test func `a result is a table, or an object`() {
    let table = ResultTable(rows: [
      ("scanned", .count(1_204_331)), ("seconds", .decimal(12.5)), ("more", .flag(false)), ("failed", .count(0)),
    ])
    #expect(table.text == "  scanned  1,204,331\n  seconds       12.5\n  failed           0")
    #expect(table.json == #"{"scanned":1204331,"seconds":12.500,"more":false,"failed":0}"#)
    #expect(ResultTable.peakMemoryBytes > 1_000_000)
  }
}
