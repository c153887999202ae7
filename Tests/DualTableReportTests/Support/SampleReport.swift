import DualTableBackfill
import DualTableScan
import DualTableVerify
import MigrationControl

@testable import DualTableReport

/// Reports as runs would leave them.
enum SampleReport {
  static let began: Int64 = 1_795_251_600_000
  /// What a table, a mapping or a service might say to break the page.
  static let hostile = "</h1><script>window.planted=1</script>\"'><img src=x onerror=window.planted=2>\u{202E}gnp\u{0}\u{7}&amp;"

  /// A run of two hours with a limit that was changed, throttling, a restart and dead letters.
  static func run(minutes: Int = 120, failed: Int = 34) -> RunReport.Run {
    var series = RunSeries()
    var counts = PassCounts()
    var random = UInt64(88_172_645_463_325_252)
    func draw() -> Double {
      random ^= random << 13
      random ^= random >> 7
      random ^= random << 17
      return Double(random >> 11) / Double(1 << 53)
    }
    for second in stride(from: 10, through: minutes * 60, by: 10) {
      let share = Double(second) / Double(minutes * 60)
      let limit = share < 0.4 ? 400.0 : 700
      let rate = limit * (0.93 + 0.06 * draw()) * (share > 0.7 && share < 0.74 ? 0.4 : 1)
      counts[.scanned] += Int(rate * 10)
      counts[.pages] += Int(rate * 10 / (30 + 4 * draw()))
      counts[.readMilliunits] += Int(rate * 10 * 240)
      counts[.writeMilliunits] += Int(rate * 10 * 1_000)
      var sample = RunSample(
        elapsed: second * 1_000, moment: began + Int64(second * 1_000), restarts: share > 0.6 ? 1 : 0, counts: counts,
        limit: share > 0.7 && share < 0.74 ? "TableWriteProvisionedThroughputExceeded" : "--write-wcu", readLimit: 400, writeLimit: limit)
      for _ in 0..<20 { sample.requests.reads.add(nanoseconds: Int64(6e6 + 2e7 * draw())) }
      for _ in 0..<200 {
        sample.requests.writes.add(nanoseconds: Int64(3e6 + 4e6 * draw() * draw() * (share > 0.7 && share < 0.74 ? 20 : 1)))
      }
      if share > 0.7 && share < 0.74 {
        sample.requests.throttles = [
          Throttle(access: .write, reason: "TableWriteProvisionedThroughputExceeded", count: 40),
          Throttle(access: .write, reason: "TableWriteKeyRangeThroughputExceeded", count: 6),
        ]
      }
      _ = series.append(sample)
    }
    counts[.failed] = failed
    (counts[.superseded], counts[.deleted], counts[.filtered], counts[.alreadyThere]) = (1_204, 311, 9_020, 17)
    counts[.migrated] = counts[.scanned] - failed - 1_204 - 311 - 9_020 - 17
    let status = PassCheckpoint.Status(
      totals: counts, doneTotals: counts, segments: 64, doneSegments: 64, heldSegments: 0, elapsed: .seconds(minutes * 60), restarts: 1,
      reasons: failed > 0 ? ["wrongType": failed - 3, "itemTooLarge": 3] : [:])
    return RunReport.Run(
      command: "backfill", mapping: "9f2c51d07be34a6688aa", status: status, series: series,
      changes: [
        PassChange(milliseconds: began + Int64(minutes * 60 * 400), what: "--write-wcu 700"),
        PassChange(milliseconds: began + Int64(minutes * 60 * 742), what: "--open-segments 32"),
      ])
  }

  static func verify(missing: Int = 0) -> RunReport.Verify {
    var result = VerifyResult()
    (result.oldIDs, result.newIDs, result.extra, result.tombstones) = (4_090_112, 4_112_908, 22_796, 311)
    (result.rechecked, result.missing, result.readUnits, result.seconds) = (1_733, missing, 1_020_400.5, 1_411)
    var series = RunSeries()
    var (old, new) = (PassCounts(), PassCounts())
    for second in stride(from: 10, through: 1_400, by: 10) {
      old[.readMilliunits] += 5_000_000 + second * 900
      new[.readMilliunits] += 2_400_000 + second * 300
      _ = series.append(RunSample(elapsed: second * 1_000, moment: began + Int64(second), counts: old, newCounts: new))
    }
    return RunReport.Verify(
      outcome: VerifyOutcome(result: result, mapping: "9f2c51d07be34a6688aa", comparedContent: false, finished: began + 9_000_000),
      series: series)
  }

  static func migration() -> RunReport.Migration {
    func step(_ from: MigrationPhase?, _ to: MigrationPhase, _ epoch: Int, _ minutes: Int64, _ count: Int) -> StepRecord {
      let made = began + minutes * 60_000
      return StepRecord(
        from: from, to: to, epoch: epoch, made: made, mapping: "9f2c51d07be34a6688aa", isFenced: to == .dualTable,
        acknowledged: (0..<count).map { .init(name: "orders-api-7d9f8c-\($0)", seen: made - 400 + Int64($0) * 40) },
        removed: to == .newWithTombstones ? ["orders-api-7d9f8c-9"] : [])
    }
    return RunReport.Migration(
      control: ControlItem(phase: .newWithTombstones, epoch: 12, mapping: "9f2c51d07be34a6688aa"),
      steps: [
        step(nil, .old, 1, -9_000, 0), step(.old, .dualRead, 3, -4_300, 4), step(.dualRead, .dualTable, 7, -30, 4),
        step(.dualTable, .newWithTombstones, 12, 200, 3),
      ],
      participants: (0..<3).map {
        ParticipantItem(
          name: "orders-api-7d9f8c-\($0)", nonce: 5, acknowledged: 12, fallbacks: 118 * $0, lastFallback: $0 == 0 ? nil : began + 80_000_000
        )
      },
      runs: [
        RunRecord(
          command: .backfill, mapping: "9f2c", finished: began + 7_200_000, isClean: false,
          counts: [.init("scanned", 4_100_700), .init("migrated", 4_090_114), .init("failed", 34)]),
        RunRecord(command: .verify, mapping: "9f2c", finished: began + 9_000_000, isClean: true, counts: [.init("oldIds", 4_090_112)]),
      ])
  }

  static func full() -> RunReport {
    var report = RunReport(
      old: .init(name: "orders", endpoint: "https://dynamodb.eu-central-1.amazonaws.com"),
      new: .init(name: "orders-v2", endpoint: "https://dynamodb.eu-central-1.amazonaws.com"), made: began + 90_000_000)
    report.backfill = run()
    var redrive = run(minutes: 1, failed: 0)
    redrive.command = "redrive"
    redrive.mapping = "77aa01d07be34a6688aa"
    report.redrives = [redrive]
    report.workers = (1...3).map { number in
      var counts = PassCounts()
      (counts[.scanned], counts[.migrated]) = (1_300_000 + number, 1_290_000)
      return RunReport.Worker(name: "orders-backfill-\(number)", counts: counts)
    }
    report.verify = verify()
    report.migration = migration()
    return report
  }

  /// Forth and back: two migrations on one page.
  static func rollback() -> RunReport {
    var report = rehearsal()
    var back = full()
    (back.old, back.new) = (report.new, .init(name: "orders-again", endpoint: report.old.endpoint))
    report.back = [back]
    return report
  }

  static func rehearsal() -> RunReport {
    var report = full()
    report.rehearsal = RunReport.Rehearsal(
      seed: 7, clients: 16, operations: 104_211, lost: 0, resurrected: 0, overwritten: 0, digest: "5f0c91aa02",
      facts: [.init("crashes", "1"), .init("faults", "heavy")])
    return report
  }

  /// The slowdown of a single scanner in hash order beside a run that keeps its pace.
  static func comparison() -> RunReport {
    var report = full()
    (report.verify, report.migration, report.redrives, report.workers) = (nil, nil, [], [])
    var falling: [(seconds: Double, value: Double)] = []
    var level: [(seconds: Double, value: Double)] = []
    for step in 0..<200 { falling.append((Double(step) * 20, 380 - 228 * Double(step) / 200)) }
    for step in 0..<120 { level.append((Double(step) * 20, 388 + Double(step * 7 % 11))) }
    report.comparison = RunReport.Comparison(
      title: "A night that slowed down",
      says: "One scanner in hash order writes one partition of the new table at a time. Many interleaved segments spread over all of them.",
      note: "A tenth of the size.", unit: "write units a second",
      curves: [.init(name: "one scanner in hash order", points: falling), .init(name: "dualtable", points: level)],
      allowed: .init(name: "allowed", points: [(0, 400), (4_000, 400)]))
    return report
  }

  /// Every text that comes from outside tries to be markup.
  static func hostileReport() -> RunReport {
    var report = full()
    report.old = .init(name: "old" + hostile, endpoint: hostile)
    report.new = .init(name: "new" + hostile, endpoint: hostile)
    report.backfill?.mapping = hostile
    report.backfill?.status.reasons = [hostile: 34]
    report.backfill?.changes = [PassChange(milliseconds: began + 600_000, what: hostile)]
    report.redrives[0].mapping = hostile
    report.prices.source = hostile
    report.workers[0].name = hostile
    report.verify?.outcome?.mapping = hostile
    for index in report.backfill?.series.samples.indices ?? 0..<0 where index % 50 == 0 { report.plant(hostile, in: index) }
    report.migration?.participants[0] = ParticipantItem(name: hostile, nonce: 1)
    report.migration?.steps[1].acknowledged = [.init(name: hostile, seen: began)]
    report.migration?.runs = [RunRecord(command: .verify, mapping: hostile, finished: began, isClean: true, counts: [.init(hostile, 3)])]
    report.rehearsal = RunReport.Rehearsal(
      seed: 1, clients: 1, operations: 1, lost: 0, resurrected: 0, overwritten: 0, digest: hostile, facts: [.init(hostile, hostile)])
    report.comparison = RunReport.Comparison(
      title: hostile, says: hostile, note: hostile, unit: "write units a second",
      curves: [.init(name: hostile, points: [(0, 5), (10, 5), (19, 4)]), .init(name: "dualtable", points: [(1, 5), (15, 4)])],
      allowed: .init(name: hostile, points: [(0, 5), (19, 5)]))
    return report
  }
}

extension RunReport {
  /// Has a sample say `text` wherever it has words.
  fileprivate mutating func plant(_ text: String, in index: Int) {
    guard var sample = backfill?.series.samples[index] else { return }
    sample.limit = text
    sample.requests.throttles = [Throttle(access: .write, reason: text, count: 4)]
    var series = RunSeries()
    for (place, other) in (backfill?.series.samples ?? []).enumerated() { _ = series.append(place == index ? sample : other) }
    backfill?.series = series
  }
}
