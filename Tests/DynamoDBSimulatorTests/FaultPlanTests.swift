import DynamoDBClient
import Testing

@testable import DynamoDBSimulator

@Suite("A fault plan")
struct FaultPlanTests {
  @Test("Every fault comes about as often as its chance says")
  func frequencies() throws {
    let text =
      "throttled=0.05,failed-before=0.05,failed-after=0.05,unavailable=0.05,lost-request=0.05,lost-answer=0.05,"
      + "duplicated=0.05,late=0.05,reset=0.05,truncated=0.05,corrupted=0.05,expired=0.05"
    let plan = try FaultPlan(text: text, seed: 5)
    var (generator, counts) = (SeededGenerator(seed: 5), [Fate.Fault: Int]())
    for _ in 0..<20_000 {
      if let fault = plan.fate(of: "t", at: 0, &generator).fault { counts[fault, default: 0] += 1 }
    }
    for fault in Fate.Fault.allCases where fault != .tableGone {
      #expect((900...1_100).contains(counts[fault] ?? 0), "\(fault): \(counts[fault] ?? 0) of 20,000")
    }
  }

  @Test("Delays, slow tables and overtaking make requests travel")
  func travel() throws {
    let plan = try FaultPlan(text: "delay=1ms..20ms,slow=users:200ms,reordered=0.5", seed: 6)
    var generator = SeededGenerator(seed: 6)
    var (held, fates) = (0, [Fate]())
    for _ in 0..<1_000 { fates.append(plan.fate(of: "t", at: 0, &generator)) }
    for fate in fates {
      #expect(fate.fault == nil && (1_000_000...20_000_000).contains(fate.answer))
      if fate.arrival >= 200_000_000 { held += 1 } else { #expect((1_000_000...20_000_000).contains(fate.arrival)) }
    }
    #expect((400...600).contains(held))
    #expect(plan.fate(of: "users", at: 0, &generator).arrival >= 201_000_000)
  }

  @Test("Storms come and go, and tables go and come")
  func times() throws {
    let plan = try FaultPlan(text: "storm=60s/6s,gone=users:10s..20s", seed: 7)
    var generator = SeededGenerator(seed: 7)
    var throttled = 0
    for second in 0..<600 as Range<Int64> {
      let fate = plan.fate(of: "t", at: second * 1_000_000_000, &generator)
      if fate.fault == .throttled { throttled += 1 } else { #expect(fate.fault == nil) }
      let users = plan.fate(of: "users", at: second * 1_000_000_000, &generator)
      #expect((users.fault == .tableGone) == (10..<20).contains(second))
    }
    #expect((55...65).contains(throttled))
  }

  @Test("Late requests and duplicates arrive once more")
  func again() throws {
    var generator = SeededGenerator(seed: 8)
    let late = try FaultPlan(text: "late=1,lateness=2m..3m", seed: 8).fate(of: "t", at: 0, &generator)
    #expect(late.isCutOff && (120_000_000_000...180_000_000_000).contains(late.again ?? 0))
    let twice = try FaultPlan(text: "duplicated=1,delay=5ms", seed: 8).fate(of: "t", at: 0, &generator)
    #expect(!twice.isCutOff && twice.arrival == 5_000_000 && twice.again == 10_000_000)
  }

  @Test(
    "A slip in a plan's text is named",
    arguments: [
      ("lost-anwser=0.1", "lost-anwser=0.1"), ("throttled=2", "\"2\""), ("throttled", "\"throttled\""), ("delay=5", "\"5\""),
      ("delay=20ms..1ms", "20ms..1ms"), ("storm=60s", "60s/5s"), ("slow=users", "users:200ms"), ("transaction=-5ms", "5ms"),
      ("reset=0.6,late=0.6", "1.2"),
    ])
  func slips(_ text: String, _ hint: String) {
    let error = #expect(throws: FaultPlan.TextError.self) { try FaultPlan(text: text, seed: 0) }
    #expect(error?.description.contains(hint) == true, "\(error?.description ?? "")")
  }
}
