import Testing

@testable import DualTableScan

/// A budget that ends by itself, as a worker's part of a shared one does.
@Suite struct PaceEndTests {
  @Test("A part of a budget lets nothing go once it has ended, not even to a process that slept through the end")
  func ends() throws {
    let time = ManualTime()
    let pace = Pace(now: time.now)
    pace.setBudget(100, until: .seconds(10))
    #expect(pace.goes(1))
    time.advance(.seconds(3_600))
    // One that was about to go does.
    let first = try #require(pace.take(50))
    #expect(pace.wait(for: first) == nil)
    let second = try #require(pace.take(1))
    time.advance(.seconds(1_000))
    #expect(pace.wait(for: second) != nil && pace.status.rate == 0 && !pace.isFree)
    pace.setBudget(100, until: .seconds(100_000))
    var waits = 0
    while waits < 20, let rest = pace.wait(for: second) {
      time.advance(rest)
      waits += 1
    }
    #expect(waits > 0 && waits < 20)
  }
}
