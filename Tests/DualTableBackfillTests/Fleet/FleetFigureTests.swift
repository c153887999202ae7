import DualTableScan
import DynamoDBSimulator
import Glibc
import MigrationControl
import Testing

@testable import DualTableBackfill

/// What many workers of one backfill come to, in virtual time; each prints what it measures.
@Suite struct FleetFigureTests {
  /// `DUALTABLE_SEEDS` asks for 2, 8 and 32 workers, which take a release build.
  private static let asked = unsafe getenv("DUALTABLE_SEEDS") != nil
  static let crews = asked ? [2, 8, 32] : [2]

  private static func tell(_ line: String) { _ = unsafe Glibc.write(2, line + "\n", line.utf8.count + 1) }
  private static func text(_ value: Double) -> String { "\((value * 1_000).rounded() / 1_000)" }

  @Test("So many workers are 0.95 times as many times as fast as one", arguments: crews)
  func linear(workers: Int) throws {
    func itemsInWindow(_ workers: Int, of items: Int) throws -> Int {
      var faults = FaultPlan(seed: 3)
      faults.delay = .milliseconds(15) ... .milliseconds(25)
      let fleet = try BackfillFleet(seed: 3, faults: faults)
      return try fleet.time.run {
        try await fleet.prepare(items: items)
        return try await withThrowingTaskGroup(of: Void.self) { group in
          for worker in (0..<workers).map({ _ in fleet.makeWorker() }) {
            group.addTask(executorPreference: worker.process) {
              _ = try await fleet.work(worker) { configuration in
                configuration.openSegments = 2
                configuration.segments = items / 150
                // Few items a page, so that what is measured is many pages.
                configuration.bytesInFlight = 4_000
              }
            }
          }
          try await fleet.time.sleep(for: .seconds(1))
          func written() -> Int { fleet.migration.meter.all.count(where: \.isWrite) }
          let before = written()
          try await fleet.time.sleep(for: .seconds(3))
          defer { group.cancelAll() }
          return written() - before
        }
      }
    }
    let each = Self.asked ? 5_000 : 1_600
    let (one, many) = (try itemsInWindow(1, of: 2 * each), try itemsInWindow(workers, of: workers * each))
    let ratio = Double(many) / Double(workers * one)
    Self.tell("\(workers) workers: \(many / 3) items/s, \(Self.text(ratio)) of \(workers) times one's \(one / 3)")
    #expect(ratio >= 0.95, "\(one), \(many)")
  }

  @Test(
    "Whoever joins and leaves, all together stay within 5 % of the shared budget, and the control table costs a hundredth at most",
    arguments: crews)
  func shared(workers: Int) throws {
    let units = (Self.asked ? 250 : 150) * Double(workers)
    var faults = FaultPlan(seed: 6)
    faults.delay = .milliseconds(5) ... .milliseconds(25)
    let fleet = try BackfillFleet(seed: 6, faults: faults)
    let (steady, changing) = (Duration.seconds(Self.asked ? 30 : 12), Duration.seconds(Self.asked ? 40 : 24))
    try fleet.time.run {
      let seconds = (steady + changing + .seconds(5)) / .seconds(1)
      let items = Int(units * seconds)
      try await fleet.prepare(items: items)
      // As many as are chosen; few items take more, for there to be some to the end.
      let segments = Self.asked ? SegmentPlan.sharedCount(64, openSegments: 4, items: items) : 48
      let (began, rows) = try await withThrowingTaskGroup(of: Void.self) { group in
        func start() -> BackfillFleet.Worker {
          let worker = fleet.makeWorker()
          group.addTask(executorPreference: worker.process) {
            _ = try? await fleet.work(worker) { configuration in
              configuration.openSegments = 4
              configuration.segments = segments
              configuration.writeBudget = .units(units)
            }
          }
          return worker
        }
        // Others join, one by one, then as many leave.
        let joining = min(8, workers / 2)
        var crew = (0..<workers - joining).map { _ in start() }
        try await fleet.time.sleep(for: steady)
        let began = fleet.time.now
        for _ in 0..<joining {
          crew.append(start())
          try await fleet.time.sleep(for: changing / (2 * joining))
        }
        for _ in 0..<joining {
          crew.removeFirst().stop.request(.interrupted)
          try await fleet.time.sleep(for: changing / (2 * joining))
        }
        let rows = fleet.migration.meter.all.filter(\.isWrite).sorted { $0.at < $1.at }
        for worker in crew { worker.stop.request(.interrupted) }
        return (Duration.nanoseconds(began.nanoseconds), rows)
      }
      func share(_ rows: [MeteringTransport.Reading]) -> (least: Double, most: Double) {
        let extremes = rows.extremes(over: .seconds(10))
        return (extremes.least / units / 10, extremes.most / units / 10)
      }
      let (first, then) = (share(rows.filter { $0.at < began }), share(rows.filter { $0.at >= began - .seconds(10) }))
      let (written, traffic) = (rows.reduce(0) { $0 + $1.units }, fleet.controlTraffic)
      let (cost, price) = (traffic.writeUnits / written, traffic.price / written)
      Self.tell(
        "\(workers) workers, of a budget of \(units) a second over any 10 s: steady \(first), joining and leaving \(then); "
          + "the control table costs \(cost) of the writes, \(price) with its reads: \(traffic.writes) \(traffic.reads)")
      for (least, most) in [first, then] { #expect(least >= 0.95 && most <= 1.05) }
      #expect(cost <= (Self.asked ? 0.01 : 0.02))
    }
  }
}
