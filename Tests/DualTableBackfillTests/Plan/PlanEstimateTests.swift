import DualTableBackfill
import DualTableMapping
import DynamoDBClient
import DynamoDBModel
import Testing

@Suite("What a plan estimates")
struct PlanEstimateTests {
  /// Two new items for each old one; those without a name can't be converted, those called x are skipped.
  struct Doubling: TableMapping {
    let identity = "doubling"
    let oldSchema = KeySchema(hash: .init("id", .string))
    let newSchema = KeySchema(hash: .init("pk", .string), range: .init("sk", .string))

    func convert(_ item: Item) throws(ConversionError) -> [Item] {
      guard let id = item["id"], let name = item["name"] else { throw ConversionError(.missingKey, rule: "name") }
      if name == "x" { return [] }
      return [["pk": "all", "sk": id, "payload": item["payload"] ?? .null], ["pk": id, "sk": "id"]]
    }

    func oldKey(for newKey: Item) throws(ConversionError) -> Item? {
      newKey["pk"] == "all" ? newKey["sk"].map { ["id": $0] } : newKey["pk"].map { ["id": $0] }
    }
  }

  /// Every item as it is.
  struct Same: TableMapping {
    let identity = "same"
    let oldSchema = KeySchema(hash: .init("id", .string))
    let newSchema = KeySchema(hash: .init("id", .string))
    func convert(_ item: Item) throws(ConversionError) -> [Item] { [item] }
    func oldKey(for newKey: Item) throws(ConversionError) -> Item? { newKey }
  }

  private func item(_ id: Int, name: String? = "n", payload: Int = 0) -> Item {
    var item: Item = ["id": .string("\(1_000 + id)"), "payload": .string(String(repeating: "p", count: payload))]
    item["name"] = name.map { .string($0) }
    return item
  }

  @Test("A sample is counted to the item: sizes, units, what fails and why, what is skipped")
  func summary() {
    let sample = (0..<10).map { item($0) } + [item(10, payload: 3_000), item(11, name: "x"), item(12, name: nil), item(13, name: nil)]
    let summary = SampleSummary(sample, mapping: Doubling())
    #expect(summary.items == 14 && summary.filtered == 1 && summary.failed == 2 && summary.failures.count == 1)
    #expect(summary.failures[0].reason.contains("missingKey") && !summary.failures[0].reason.contains("1012"))
    #expect(summary.newItems == 22 && summary.writeUnits == 21 + 3)
    #expect(summary.oldBytes == sample.reduce(0) { $0 + $1.sizeInBytes } && summary.largestOldItem == sample[10].sizeInBytes)
    // All first results stand under one key of NEW.
    #expect(summary.largestOldCollection == 1 && summary.largestNewCollection == 11)
  }

  @Test("Units, time and cost follow from OLD's count and size and the sample's mean")
  func estimate() throws {
    let summary = SampleSummary((0..<100).map { item($0, payload: 500) }, mapping: Doubling())
    let estimate = PlanEstimate(
      oldItems: 1_000_000, oldBytes: 4_096_000_000, sample: summary, newWriteUnits: 1_000, newReadUnits: 0, openSegments: 16,
      prices: .builtIn)
    #expect(estimate.readUnits == 1_000_000 && estimate.writeUnits == 2_000_000)
    #expect(abs(estimate.cost - (0.125 + 1.25)) < 0.001)
    #expect(estimate.verifyReadUnits > estimate.readUnits && estimate.segments == 250)
    let rate = try #require(estimate.rates.first { $0.writeUnitsPerSecond == 1_000 })
    #expect(rate.seconds == 2_000 && rate.readUnitsPerSecond == 500 && rate.itemsPerSecond == 500)
    #expect(estimate.rates.map(\.writeUnitsPerSecond) == [100, 400, 1_000, 4_000, 10_000, 40_000])
    // 2 M units in eight hours are 70 a second; nobody is advised to less than 400.
    #expect(estimate.recommendedWriteUnits == 400 && estimate.recommendedReadUnits == 200)
  }

  @Test(
    "What is recommended ends a run within a night, and is no more than the quota",
    arguments: [(1_000_000, 400), (50_000_000, 3_500), (100_000_000, 7_000), (10_000_000_000, 40_000)])
  func recommended(_ items: Int, _ units: Int) {
    let summary = SampleSummary((0..<100).map { item($0) }, mapping: Doubling())
    let estimate = PlanEstimate(
      oldItems: items, oldBytes: 0, sample: summary, newWriteUnits: 0, newReadUnits: 0, openSegments: 16, prices: .builtIn)
    #expect(estimate.recommendedWriteUnits == units)
    #expect(estimate.rates.contains { $0.writeUnitsPerSecond == units })
  }

  @Test("Where the count is stale or unknown, the sample says at least what it saw")
  func unknownCount() {
    let summary = SampleSummary((0..<100).map { item($0, payload: 500) }, mapping: Doubling())
    let estimate = PlanEstimate(
      oldItems: 0, oldBytes: 0, sample: summary, newWriteUnits: 0, newReadUnits: 0, openSegments: 16, prices: .builtIn)
    #expect(estimate.items == 100 && estimate.writeUnits == 200 && estimate.readUnits > 0)
  }

  @Test("A count and a size that no table has are still an estimate")
  func absurdCount() {
    let summary = SampleSummary((0..<100).map { item($0, payload: 500) }, mapping: Doubling())
    let estimate = PlanEstimate(
      oldItems: 1 << 53, oldBytes: 1 << 53, sample: summary, newWriteUnits: 1 << 53, newReadUnits: 1 << 53, openSegments: 16,
      prices: .builtIn)
    #expect(estimate.recommendedWriteUnits == 40_000 && estimate.segments == 4_096)
  }

  @Test("100 M items of at most 1 KB cost $62.50 to write, and 50 GB a dollar and a half to read consistently")
  func knownPrices() {
    #expect(abs(PriceList.builtIn.cost(readUnits: 0, writeUnits: 100_000_000) - 62.5) < 0.001)
    #expect(abs(PriceList.builtIn.cost(readUnits: 50e9 / 4_096, writeUnits: 0) - 1.53) < 0.01)
  }
}
