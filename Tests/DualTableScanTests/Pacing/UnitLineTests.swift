import Testing

@testable import DualTableScan

@Suite struct UnitLineTests {
  /// Looks and sleeps as the line says; returns when the place came up.
  private static func sleep(until place: UnitLine.Place, _ line: inout UnitLine, from start: Duration) -> Duration {
    var now = start
    while let wait = line.wait(for: place, at: now) { now += wait }
    return now
  }

  @Test func `places come up at the rate, one behind the other`() {
    var line = UnitLine(rate: 10, at: .zero)
    let places = (0..<4).map { _ in line.take(1, at: .zero) }
    let seen1 = line.wait(for: places[0], at: .zero)
    #expect(seen1 == nil)
    let second = line.wait(for: places[1], at: .zero) ?? .zero
    for place in places[2...] { _ = line.wait(for: place, at: .zero) }
    #expect(second > .milliseconds(90) && second <= .milliseconds(100))
    let seen0 = line.wait(for: places[1], at: .milliseconds(100))
    let seen2 = line.wait(for: places[2], at: .milliseconds(200))
    #expect(seen0 == nil && seen2 == nil)
    let seen3 = line.wait(for: places[3], at: .milliseconds(200))
    #expect(seen3 != nil)
  }

  @Test func `what nobody took is kept for a hundredth of a second`() {
    var line = UnitLine(rate: 100, at: .zero)
    let places = (0..<4).map { _ in line.take(1, at: .seconds(60)) }
    var waits: [Bool] = []
    for place in places { waits.append(line.wait(for: place, at: .seconds(60)) != nil) }
    #expect(waits == [false, false, true, true])
  }

  @Test func `a large request goes and holds up those behind it`() {
    var line = UnitLine(rate: 10, at: .zero)
    let large = line.take(100, at: .zero)
    let next = line.take(1, at: .zero)
    let seen4 = line.wait(for: large, at: .zero)
    #expect(seen4 == nil)
    #expect(Self.sleep(until: next, &line, from: .zero) == .seconds(10))
  }

  @Test func `corrections hold up whoever comes next, or let them go`() {
    var line = UnitLine(rate: 10, at: .zero)
    _ = line.goes(1, at: .zero)
    line.charge(9)
    let later = line.take(1, at: .zero)
    #expect(Self.sleep(until: later, &line, from: .zero) == .seconds(1))
    line.charge(-1)
    let next = line.take(1, at: .seconds(1))
    let seen9 = line.wait(for: next, at: .seconds(1))
    #expect(seen9 == nil)
  }

  @Test func `another rate holds for those who wait already`() {
    var line = UnitLine(rate: 1, at: .zero)
    _ = line.goes(100, at: .zero)
    let place = line.take(1, at: .zero)
    line.setRate(0, at: .seconds(1))
    _ = line.wait(for: place, at: .seconds(1))
    let seen10 = line.wait(for: place, at: .seconds(1_000))
    #expect(seen10 == .milliseconds(250))
    line.setRate(100, at: .seconds(1_000))
    #expect(Self.sleep(until: place, &line, from: .seconds(1_000)) == .milliseconds(1_000_990))
  }

  @Test func `no second gets more than its own and the depth, whatever is asked`() {
    var line = UnitLine(rate: 1_000, at: .zero)
    var gone: [Duration] = []
    var place = line.take(1, at: .zero)
    // Somebody who asks every millisecond, and sleeps for three seconds in between.
    for millisecond in 0..<10_000 where millisecond < 4_000 || millisecond > 7_000 {
      let now = Duration.milliseconds(millisecond)
      while line.wait(for: place, at: now) == nil {
        gone.append(now)
        place = line.take(1, at: now)
      }
    }
    for (start, at) in gone.enumerated().filter({ $0.offset % 100 == 0 }) {
      let count = gone[start...].prefix { $0 < at + .seconds(1) }.count
      #expect(count <= 1_011, "at \(at)")
    }
    #expect(gone.count >= 6_990)
  }

  @Test func `those who slept for an hour together go one after the other`() {
    var line = UnitLine(rate: 9.85, at: .zero)
    var places = (0..<16).map { _ in line.take(1, at: .zero) }
    places.removeAll { line.wait(for: $0, at: .zero) == nil }
    var gone: [Duration] = []
    // In the reverse order of their places: who wakes first is chance.
    for millisecond in 0..<4_000 {
      let now = Duration.seconds(3_600) + .milliseconds(millisecond)
      for index in places.indices.reversed() where line.wait(for: places[index], at: now) == nil {
        gone.append(now)
        places.remove(at: index)
      }
    }
    #expect(gone.count == 15)
    for at in gone { #expect(gone.count { $0 >= at && $0 < at + .seconds(1) } <= 10, "\(gone)") }
  }

  @Test func `whoever gives a place back holds up nobody`() {
    var line = UnitLine(rate: 1, at: .zero)
    let places = (0..<3).map { _ in line.take(10, at: .zero) }
    let first = line.wait(for: places[0], at: .zero)
    line.leave(places[1])
    #expect(first == nil && Self.sleep(until: places[2], &line, from: .zero) == .seconds(10))
    let isFree = line.goes(1, at: .milliseconds(19_900))
    let isFreeLater = line.goes(1, at: .milliseconds(20_001))
    #expect(!isFree && isFreeLater)
  }

  @Test func `nobody goes past those who wait`() {
    var line = UnitLine(rate: 1_000, at: .zero)
    let first = line.goes(5, at: .zero)
    let place = line.take(1, at: .zero)
    let second = line.goes(1, at: .milliseconds(7))
    let waited = line.wait(for: place, at: .milliseconds(7))
    let third = line.goes(1, at: .milliseconds(7))
    #expect(first && !second && waited == nil && third)
  }
}

@Suite struct AdaptiveRateTests {
  private static func seconds(_ value: Double) -> Duration { .seconds(value) }

  @Test func `nothing is limited until something is throttled`() {
    var rate = AdaptiveRate(at: .zero)
    rate.used(10_000, at: .seconds(2))
    let seen12 = rate.pass(to: .seconds(100), budget: nil)
    #expect(rate.limit == nil && !seen12)
  }

  @Test func `the first throttling sets a limit below what went through`() {
    var rate = AdaptiveRate(at: .zero)
    for second in 1...5 { rate.used(500, at: .seconds(second)) }
    rate.throttled(budget: nil, at: .seconds(5))
    #expect(rate.limit == 400)
  }

  @Test func `a budget is the limit that throttling lowers`() {
    var rate = AdaptiveRate(at: .zero)
    rate.throttled(budget: 1_000, at: .seconds(1))
    #expect(rate.limit == 800)
  }

  @Test func `many refusals at once count once`() {
    var rate = AdaptiveRate(at: .zero)
    for moment in 0..<10 { rate.throttled(budget: 1_000, at: .milliseconds(100 * moment)) }
    #expect(rate.limit == 800)
    rate.throttled(budget: 1_000, at: .seconds(1))
    #expect(rate.limit == 640)
  }

  @Test func `quiet seconds raise it until it binds nothing`() {
    var rate = AdaptiveRate(at: .zero)
    rate.throttled(budget: 1_000, at: .zero)
    let seen13 = rate.pass(to: .seconds(1), budget: 1_000)
    #expect(seen13 && rate.limit == 820)
    let seen14 = rate.pass(to: .milliseconds(1_500), budget: 1_000)
    #expect(!seen14)
    for second in 2...20 { _ = rate.pass(to: .seconds(second), budget: 1_000) }
    #expect(rate.limit == nil)
  }

  @Test func `without a budget it goes once it is far above what goes through`() {
    var rate = AdaptiveRate(at: .zero)
    rate.used(100, at: .seconds(1))
    rate.throttled(budget: nil, at: .seconds(1))
    for second in 2...60 {
      rate.used(100, at: .seconds(second))
      _ = rate.pass(to: .seconds(second), budget: nil)
    }
    #expect(rate.limit == nil)
  }

  /// A table that gives 400 a second and refuses the rest.
  @Test func `it stays close below what is given`() {
    var rate = AdaptiveRate(at: .zero)
    rate.used(400, at: .seconds(1))
    rate.throttled(budget: nil, at: .seconds(1))
    var through = 0.0
    for second in 2...301 {
      let now = Duration.seconds(second)
      _ = rate.pass(to: now, budget: nil)
      let sent = rate.limit ?? 2_000
      rate.used(min(400, sent), at: now)
      through += min(400, sent)
      if sent > 400 { rate.throttled(budget: nil, at: now) }
    }
    #expect(through / 300 > 0.88 * 400)
  }

  @Test func `raised capacity is found`() {
    var rate = AdaptiveRate(at: .zero)
    rate.used(100, at: .seconds(1))
    rate.throttled(budget: nil, at: .seconds(1))
    var second = 1
    while rate.limit ?? .infinity < 1_000, second < 1_000 {
      second += 1
      _ = rate.pass(to: .seconds(second), budget: nil)
      rate.used(rate.limit ?? 0, at: .seconds(second))
    }
    #expect(second < 120, "\(second)")
  }
}
