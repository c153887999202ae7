/// How many items the next page may have, so that all pages in flight keep to their share of memory, and each to its share of a second's
/// budget.
///
/// The service ends a page at 1 MB as it counts; the same page takes several times as many bytes on the wire where attributes are many and
/// small. So each page is asked for by what an item of the page before took. A pure value, one a worker.
package struct PageSizing: Sendable, Equatable {
  /// Bytes of all pages in flight together; with the connections' buffers about 8 MB.
  package static let bytesInFlight = 6 << 20
  /// Items of a page at most, so that the dead letters of a page on which everything fails fit a transaction of the control table.
  package static let mostItems = 4_096
  /// Bytes that an item may have.
  package static let largestItem = 400 << 10

  private var share: Int
  private var bytesPerItem: Int?
  /// Of the pages lately, without the bias to the large that memory asks for.
  private var meanBytes: Double?
  /// Read units of a byte on the wire, which is a little more than a byte as the service counts.
  private var unitsPerByte = 1.0 / 4_096

  /// - Parameter bytesInFlight: of all pages together. Default 6 MB.
  package init(openSegments: Int, bytesInFlight: Int = Self.bytesInFlight) { share = max(1, bytesInFlight / max(1, openSegments)) }

  /// False before a page of items.
  package var hasLearned: Bool { bytesPerItem != nil }

  /// Shares the memory among so many segments from now on.
  package mutating func share(among openSegments: Int, bytesInFlight: Int) { share = max(1, bytesInFlight / max(1, openSegments)) }

  /// `Limit` of the next page by memory.
  ///
  /// Of a worker's first page nobody knows what its items are like: all workers begin at once, and if each got a page of the largest items
  /// that would be the most memory that the run ever takes.
  package var limit: Int { min(Self.mostItems, max(1, share / (bytesPerItem ?? Self.largestItem))) }

  /// `Limit` of the next page by memory and by a budget of read units a second; nil: there is none.
  package func limit(readRate: Double?) -> Int {
    guard let readRate else { return limit }
    // Of an item nobody knows the cost.
    guard let meanBytes else { return 1 }
    // A fiftieth of a second's budget, so that a page more or less is within the bounds of any second. Small budgets take up to a tenth
    // instead of so little that rounding up to whole units costs more than it's worth.
    let units = max(readRate / 50, min(2, readRate / 10)).rounded(.down)
    return max(1, min(limit, Int(units / (meanBytes * unitsPerByte))))
  }

  /// Read units that a page of so many items probably costs.
  package func expectedUnits(items: Int) -> Double { expectedUnits(bytes: items * Int(meanBytes ?? 1)) }

  /// Read units that a page of so many bytes on the wire probably cost.
  package func expectedUnits(bytes: Int) -> Double { max(1, (Double(bytes) * unitsPerByte).rounded(.up)) }

  /// Notes what a page held: the larger of its average and what the pages before had on average, half each.
  ///
  /// - Parameter units: of read capacity; 0 where the engine doesn't say.
  package mutating func learned(items: Int, bytes: Int, units: Double = 0) {
    guard items > 0 else { return }
    let average = max(1, bytes / items)
    bytesPerItem = max(average, (average + (bytesPerItem ?? average)) / 2)
    meanBytes = (Double(average) + (meanBytes ?? Double(average))) / 2
    // Of a small page most is rounding.
    if units >= 3 { unitsPerByte += (units / Double(max(1, bytes)) - unitsPerByte) / 4 }
  }
}
