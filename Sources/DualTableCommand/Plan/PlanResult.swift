internal import DualTableBackfill
internal import DynamoDBModel

/// A plan as it is printed.
struct PlanResult: Sendable {
  let facts: PlanFacts
  let findings: FindingList
  /// Nil where the old table could not be sampled, or is empty.
  let estimate: PlanEstimate?

  // MARK: - Text

  var text: String {
    var parts = [findings.text]
    if let estimate { parts += [summary(estimate), table(estimate)] }
    return parts.joined(separator: "\n\n")
  }

  private func summary(_ estimate: PlanEstimate) -> String {
    let prices = estimate.prices
    let date = prices.date.map { ", prices of \($0)" } ?? ""
    return Figures.columns([
      ["items", Figures.count(estimate.items)], ["read units", Figures.count(Int(estimate.readUnits))],
      ["write units", Figures.count(Int(estimate.writeUnits))], ["segments", Figures.count(estimate.segments)],
      [
        "recommended",
        "\(Figures.count(estimate.recommendedWriteUnits)) write and \(Figures.count(estimate.recommendedReadUnits)) read units a second",
      ],
      ["cost", "$\(Figures.decimal(estimate.cost, places: 2)), and $\(Figures.decimal(estimate.verifyCost, places: 2)) for each verify"],
      [
        "at",
        "$\(Figures.decimal(prices.writePerMillion, places: 3)) a million write units and $\(Figures.decimal(prices.readPerMillion, places: 3)) a "
          + "million read units (\(prices.source)\(date)): an estimate",
      ],
    ])
  }

  private func table(_ estimate: PlanEstimate) -> String {
    Figures.columns(
      [["WRITE UNITS/S", "READ UNITS/S", "ITEMS/S", "TIME"]]
        + estimate.rates.map { rate in
          [
            Figures.count(rate.writeUnitsPerSecond), Figures.count(rate.readUnitsPerSecond), Figures.count(Int(rate.itemsPerSecond)),
            Figures.clock(.seconds(rate.seconds)) + (rate.writeUnitsPerSecond == estimate.recommendedWriteUnits ? "  recommended" : ""),
          ]
        })
  }

  // MARK: - JSON

  var json: JSONValue {
    var members = [JSONValue.Member("findings", findings.json)]
    if let sample = facts.sample { members.append(.init("sample", Self.json(sample))) }
    if let estimate { members += Self.members(estimate) }
    return .object(members)
  }

  private static func json(_ sample: SampleSummary) -> JSONValue {
    let counts: [(String, Int)] = [
      ("items", sample.items), ("bytes", sample.oldBytes), ("largest", sample.largestOldItem), ("newItems", sample.newItems),
      ("newBytes", sample.newBytes), ("newLargest", sample.largestNewItem), ("filtered", sample.filtered), ("failed", sample.failed),
      ("largestCollection", sample.largestOldCollection), ("largestCollectionBytes", sample.largestOldCollectionBytes),
      ("newLargestCollection", sample.largestNewCollection),
    ]
    let failures = sample.failures.map { JSONValue.object([.init("reason", .string($0.reason)), .init("count", .number("\($0.count)"))]) }
    return .object(counts.map { .init($0.0, .number("\($0.1)")) } + [.init("failures", .array(failures))])
  }

  private static func members(_ estimate: PlanEstimate) -> [JSONValue.Member] {
    func decimal(_ value: Double, _ places: Int = 0) -> JSONValue { .number(Figures.decimal(value, places: places)) }
    func count(_ value: Int) -> JSONValue { .number("\(value)") }
    return [
      .init("items", count(estimate.items)), .init("readUnits", decimal(estimate.readUnits)),
      .init("writeUnits", decimal(estimate.writeUnits)), .init("segments", count(estimate.segments)),
      .init(
        "recommended",
        .object([
          .init("writeUnitsPerSecond", count(estimate.recommendedWriteUnits)),
          .init("readUnitsPerSecond", count(estimate.recommendedReadUnits)),
        ])),
      .init("cost", decimal(estimate.cost, 2)), .init("verifyCost", decimal(estimate.verifyCost, 2)),
      .init(
        "prices",
        .object([
          .init("readPerMillion", decimal(estimate.prices.readPerMillion, 4)),
          .init("writePerMillion", decimal(estimate.prices.writePerMillion, 4)), .init("source", .string(estimate.prices.source)),
          .init("date", estimate.prices.date.map { .string($0) } ?? .null),
        ])),
      .init(
        "rates",
        .array(
          estimate.rates.map { rate in
            .object([
              .init("writeUnitsPerSecond", count(rate.writeUnitsPerSecond)), .init("readUnitsPerSecond", count(rate.readUnitsPerSecond)),
              .init("itemsPerSecond", decimal(rate.itemsPerSecond, 1)), .init("seconds", decimal(rate.seconds, 1)),
            ])
          })),
    ]
  }
}
