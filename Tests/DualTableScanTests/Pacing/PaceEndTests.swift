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
    let place = try #require(pace.take(50))
    _ = pace.take(50)
    #expect(pace.wait(for: place) == nil || pace.status.rate == 0)
    let second = try #require(pace.take(1))
    time.advance(.seconds(1_000))
    #expect(pace.wait(for: second) != nil && pace.status.rate == 0 && !pace.isFree)
    pace.setBudget(100, until: .seconds(100_000))
    time.advance(.seconds(20))
    #expect(pace.wait(for: second) == nil)
  }
}
