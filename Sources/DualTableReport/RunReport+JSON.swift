internal import DualTableScan
internal import DualTableVerify
package import DynamoDBModel
internal import MigrationControl

extension RunReport {
  /// The report as one JSON object, by the names that the commands' own JSON has.
  package var json: JSONValue {
    var members: [JSONValue.Member] = [
      .init("old", .string(old.name)), .init("new", .string(new.name)), .init("made", Self.number(Int(made))),
      .init("status", .string(ReportPage(report: self).status.says)),
    ]
    func add(_ name: String, _ value: JSONValue?) {
      if let value { members.append(.init(name, value)) }
    }
    add("backfill", backfill.map(Self.json))
    if !workers.isEmpty {
      add(
        "workers", .array(workers.map { .object([.init("name", .string($0.name)), .init("scanned", Self.number($0.counts[.scanned]))]) }))
    }
    if !redrives.isEmpty { add("redrives", .array(redrives.map(Self.json))) }
    add("verify", verify?.outcome.map(Self.json))
    add("migration", migration.map(Self.json))
    add("rehearsal", rehearsal.map(Self.json))
    if !back.isEmpty { add("back", .array(back.map(\.json))) }
    add("comparison", comparison.map(Self.json))
    return .object(members)
  }

  private static func number(_ value: Int) -> JSONValue { .number(String(value)) }

  /// To a thousandth.
  private static func number(_ value: Double) -> JSONValue {
    guard value.magnitude < 1e15 else { return .null }
    let thousandths = (value * 1_000).rounded() / 1_000
    return .number(thousandths == thousandths.rounded() ? String(Int(thousandths)) : String(thousandths))
  }

  private static func counts(_ counts: [(String, Int)]) -> JSONValue { .object(counts.map { .init($0.0, number($0.1)) }) }

  private static func json(_ run: Run) -> JSONValue {
    let totals = run.status.totals
    let samples = run.series.samples
    let requests = samples.reduce(into: RequestMeter.Reading()) { sum, sample in
      sum.reads += sample.requests.reads
      sum.writes += sample.requests.writes
      sum.throttles += sample.requests.throttles
    }
    let counters: [PassCounter] = [.scanned, .migrated, .alreadyThere, .superseded, .deleted, .filtered, .failed]
    return .object(
      [.init("command", .string(run.command)), .init("mapping", .string(run.mapping)), .init("complete", .bool(run.isComplete))]
        + counters.map { .init($0.name, number(totals[$0])) }
        + [
          .init("failedByReason", counts(run.status.reasons.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })),
          .init("seconds", number(run.status.elapsed / .seconds(1))), .init("restarts", number(run.status.restarts)),
          .init("readUnits", number(Double(totals[.readMilliunits]) / 1_000)),
          .init("writeUnits", number(Double(totals[.writeMilliunits]) / 1_000)),
          .init("throttles", .array(requests.throttles.map(json))),
          .init("readLatencySeconds", json(requests.reads)), .init("writeLatencySeconds", json(requests.writes)),
          .init(
            "changes",
            .array(run.changes.map { .object([.init("at", number(Int($0.milliseconds))), .init("what", .string($0.what))]) })),
          .init("series", .array(RunCurves(run.series).points.map(json))),
        ])
  }

  private static func json(_ throttle: Throttle) -> JSONValue {
    .object([
      .init("access", .string(throttle.access.rawValue)), .init("reason", .string(throttle.reason)), .init("count", number(throttle.count)),
    ])
  }

  private static func json(_ times: LatencyHistogram) -> JSONValue {
    guard times.total > 0 else { return .null }
    let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999), ("max", 1)]
    // Microseconds tell.
    return .object(
      [.init("count", number(times.total))]
        + shares.map { name, share in
          .init(name, .number(String(((times.seconds(of: share) ?? 0) * 1e6).rounded() / 1e6)))
        })
  }

  private static func json(_ point: RunCurves.Point) -> JSONValue {
    .object([
      .init("seconds", number(point.seconds)), .init("readUnitsPerSecond", number(point.readUnits)),
      .init("writeUnitsPerSecond", number(point.writeUnits)), .init("itemsPerSecond", number(point.itemsPerSecond)),
      .init("itemsPerPage", point.itemsPerPage.map { number($0) } ?? .null), .init("throttlesPerSecond", number(point.throttles)),
    ])
  }

  private static func json(_ outcome: VerifyOutcome) -> JSONValue {
    .object(
      [
        .init("finished", number(Int(outcome.finished))), .init("mapping", .string(outcome.mapping)),
        .init("content", .bool(outcome.comparedContent)), .init("clean", .bool(outcome.result.verdict == .clean)),
      ] + outcome.result.counts.map { .init($0.name, number($0.value)) } + [
        .init("seconds", number(outcome.result.seconds)), .init("readUnits", number(outcome.result.readUnits)),
      ])
  }

  private static func json(_ migration: Migration) -> JSONValue {
    .object([
      .init("phase", .string(migration.control.phase.description)), .init("epoch", number(migration.control.epoch)),
      .init("steps", .array(migration.steps.map(json))),
      .init(
        "participants",
        .array(
          migration.participants.map {
            .object([
              .init("name", .string($0.name)), .init("acknowledged", .bool($0.acknowledged == migration.control.epoch)),
              .init("unmanaged", .bool($0.unmanaged)), .init("fallbacks", number($0.fallbacks)),
            ])
          })),
      .init(
        "runs",
        .array(
          migration.runs.map {
            .object([
              .init("command", .string($0.command.rawValue)), .init("finished", number(Int($0.finished))),
              .init("clean", .bool($0.isClean)),
              .init("counts", counts($0.counts.map { ($0.name, $0.value) })),
            ])
          })),
    ])
  }

  private static func json(_ step: StepRecord) -> JSONValue {
    .object([
      .init("from", step.from.map { .string($0.description) } ?? .null), .init("to", .string(step.to.description)),
      .init("epoch", number(step.epoch)), .init("made", number(Int(step.made))), .init("fenced", .bool(step.isFenced)),
      .init("acceptedUnresolved", .bool(step.acceptsUnresolved)),
      .init(
        "acknowledged",
        .array(step.acknowledged.map { .object([.init("name", .string($0.name)), .init("seen", number(Int($0.seen)))]) })),
      .init("removed", .array(step.removed.map { .string($0) })),
    ])
  }

  private static func json(_ rehearsal: Rehearsal) -> JSONValue {
    .object(
      [
        .init("seed", .string(String(rehearsal.seed))), .init("clients", number(rehearsal.clients)),
        .init("operations", number(rehearsal.operations)), .init("lost", number(rehearsal.lost)),
        .init("resurrected", number(rehearsal.resurrected)), .init("overwritten", number(rehearsal.overwritten)),
        .init("digest", .string(rehearsal.digest)),
      ] + rehearsal.facts.map { .init($0.name, .string($0.value)) })
  }

  private static func json(_ comparison: Comparison) -> JSONValue {
    func json(_ curve: Comparison.Curve) -> JSONValue {
      .object([
        .init("name", .string(curve.name)),
        .init("points", .array(curve.points.map { .object([.init("seconds", number($0.seconds)), .init("value", number($0.value))]) })),
      ])
    }
    return .object([
      .init("unit", .string(comparison.unit)), .init("curves", .array(comparison.curves.map(json))),
      .init("allowed", json(comparison.allowed)),
    ])
  }
}
