/// What capacity costs, in dollars a million units on demand.
package struct PriceList: Sendable, Hashable {
  package var readPerMillion: Double
  package var writePerMillion: Double
  /// Where the prices come from.
  package var source: String
  /// Since when they hold, as far as is known; nil where the user gave them.
  package var date: String?

  package init(readPerMillion: Double, writePerMillion: Double, source: String, date: String?) {
    self.readPerMillion = readPerMillion
    self.writePerMillion = writePerMillion
    self.source = source
    self.date = date
  }

  /// On demand in us-east-1; most Regions cost more.
  package static let builtIn = PriceList(
    readPerMillion: 0.125, writePerMillion: 0.625, source: "us-east-1 on demand, table class STANDARD", date: "2024-11")

  package func cost(readUnits: Double, writeUnits: Double) -> Double {
    (readUnits * readPerMillion + writeUnits * writePerMillion) / 1_000_000
  }
}
