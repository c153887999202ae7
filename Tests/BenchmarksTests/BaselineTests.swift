import Testing

@testable import Benchmarks

@Suite struct BaselineTests {
  private static func ratio(_ name: String, _ values: [Double], _ goal: Figure.Goal? = nil) -> Figure {
    Figure(name: name, title: name, unit: .ratio, series: Series(values: values), goal: goal)
  }

  private static func baseline(_ figures: [Figure]) throws -> Baseline {
    let json = "{\"figures\":[\n\(figures.map(\.json).joined(separator: ",\n"))\n]}\n"
    return try Baseline(json: Array(json.utf8), called: "then.json")
  }

  @Test(
    arguments: [
      (ratio("a.rate.ratio", [0.9]), [0.84], true), (ratio("a.rate.ratio", [0.9]), [0.87], false),
      (ratio("a.rate.ratio", [0.9]), [1.2], false),
      (ratio("a.rate.ratio", [0.7, 0.9, 1.0]), [0.8], false), (ratio("a.work.ratio", [1.2]), [1.4], true),
      (ratio("a.work.ratio", [1.2]), [0.9], false), (ratio("a.time.ratio", [1.0], .atMost(1.03)), [1.2], true),
      (ratio("a.rate.ratio", [0.9]), [0.6, 0.8, 0.95], false),
    ] as [(Figure, [Double], Bool)])
  func `worse is what lies beyond the tolerance and beyond both spreads`(then: Figure, now: [Double], isWorse: Bool) throws {
    let change = try #require(Self.baseline([then]).changes([Self.ratio(then.name, now, then.goal)]).first)
    #expect(change.isWorse == isWorse)
  }

  @Test func `only ratios that both runs have are compared`() throws {
    let baseline = try Self.baseline([Self.ratio("a", [1]), Self.ratio("b", [1])])
    let rate = Figure(name: "b", title: "b", unit: .itemsPerSecond, series: Series(values: [1]))
    #expect(baseline.changes([Self.ratio("a", [1]), rate, Self.ratio("c", [1])]).map(\.figure.name) == ["a"])
  }

  @Test(arguments: ["", "{}", #"{"figures":[{"name":"a"}]}"#])
  func `a file that is none of ours is refused`(text: String) {
    #expect(throws: Failure.self) { try Baseline(json: Array(text.utf8), called: "x.json") }
  }
}
