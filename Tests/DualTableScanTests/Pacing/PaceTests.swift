import Testing

@testable import DualTableScan

@Suite struct PaceTests {
  @Test func `without limits nothing is counted`() throws {
    let pace = Pace(now: ManualTime().now)
    #expect(pace.isFree && pace.take(1_000_000) == nil && pace.status.rate == nil)
    pace.charge(1_000_000)
    pace.setBudget(1)
    #expect(!pace.isFree)
    let place = try #require(pace.take(1))
    #expect(pace.wait(for: place) == nil)
  }

  @Test func `a pause holds everybody, and its end lets them go on`() throws {
    let time = ManualTime()
    let pace = Pace(now: time.now)
    pace.setPaused(true)
    let place = try #require(pace.take(1))
    let second = try #require(pace.take(1))
    time.advance(.seconds(100))
    #expect(pace.wait(for: second) != nil && pace.status.rate == 0)
    pace.setPaused(false)
    #expect(pace.wait(for: place) == nil && pace.wait(for: second) == nil && pace.isFree)
  }

  @Test func `throttling slows down, names the limit and goes away`() {
    let time = ManualTime()
    let pace = Pace(budget: 1_000, now: time.now)
    time.advance(.seconds(1))
    pace.throttled(by: "TableWriteProvisionedThroughputExceeded")
    #expect(pace.status.rate == 800 && pace.status.throttling == "TableWriteProvisionedThroughputExceeded")
    for _ in 0..<30 {
      time.advance(.seconds(1))
      _ = pace.goes(0)
    }
    #expect(pace.status.adaptive == nil && pace.status.rate == 1_000)
  }

  @Test(arguments: [
    ("400", CapacityBudget.units(400)), ("0.5", .units(0.5)), ("80%", .percent(80)), ("12.5%", .percent(12.5)),
  ])
  func `budgets are numbers or percentages`(_ text: String, _ budget: CapacityBudget) {
    #expect(CapacityBudget(text) == budget && budget.description == text)
  }

  @Test(arguments: ["", "0", "-1", "many", "%", "1 %", "nan", "inf", "0%", "1e20", "+5"])
  func `anything else is no budget`(_ text: String) { #expect(CapacityBudget(text) == nil) }

  @Test func `a percentage is of what is provisioned`() {
    #expect(CapacityBudget.percent(50).units(provisioned: 400) == 200)
    #expect(CapacityBudget.percent(50).units(provisioned: 0) == nil)
    #expect(CapacityBudget.units(50).units(provisioned: 0) == 50)
  }
}

@Suite struct BindingLimitTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var times: [WorkerTimes.Activity: Int] = [:]
    var read = Pace.Status(isPaused: false)
    var write = Pace.Status(isPaused: false)
    var load = 0.1
    var held = 16
    var hasLargeCollection = false
    let expected: String
    var testDescription: String { expected }
  }

  static let rows = [
    Row(times: [.reading: 5, .writing: 9], expected: "--connections"),
    Row(times: [.reading: 9, .writing: 5], expected: "--open-segments"),
    Row(times: [.reading: 5, .writing: 9], load: 0.97, expected: "processors"),
    Row(times: [.checkpoint: 9, .writing: 5], expected: "disk"),
    Row(times: [.writing: 9], held: 3, expected: "the last segments"),
    Row(times: [.writing: 9], held: 1, hasLargeCollection: true, expected: "one large item collection"),
    Row(times: [.writePace: 9, .writing: 2], write: .init(budget: 400, isPaused: false), expected: "--write-wcu"),
    Row(times: [.readPace: 9, .writing: 2], read: .init(budget: 100, isPaused: false), expected: "--read-rcu"),
    Row(
      times: [.writePace: 9], write: .init(budget: 400, adaptive: 300, throttling: "TableWriteAccountLimitExceeded", isPaused: false),
      expected: "TableWriteAccountLimitExceeded"),
    Row(
      times: [.readPace: 9], read: .init(adaptive: 300, throttling: "TableReadProvisionedThroughputExceeded", isPaused: false),
      expected: "TableReadProvisionedThroughputExceeded"),
    Row(times: [.writePace: 9], write: .init(budget: 400, adaptive: 500, isPaused: false), expected: "--write-wcu"),
    Row(times: [.rest: 9, .writing: 5], expected: "hot partitions"),
    Row(times: [.backOff: 9, .writing: 5], expected: "errors"),
    Row(times: [.writing: 9], write: .init(isPaused: true), expected: "pause"),
    Row(expected: "--open-segments"),
  ]

  @Test(arguments: rows) func `the limit that binds is named`(_ row: Row) {
    var times = WorkerTimes.Sums()
    for activity in WorkerTimes.Activity.allCases { times[activity] = .seconds(row.times[activity] ?? 0) }
    let limit = BindingLimit(
      times: times, read: row.read, write: row.write, load: row.load, workers: 16, held: row.held,
      hasLargeCollection: row.hasLargeCollection)
    #expect(limit.description == row.expected)
  }
}
