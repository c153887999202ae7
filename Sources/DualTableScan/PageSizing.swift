/// How many items the next page may have, so that all pages in flight keep to their share of memory.
///
/// The service ends a page at 1 MB as it counts; the same page takes several times as many bytes on the wire where attributes are many and
/// small. So each page is asked for by what an item of the page before took. A pure value, one a worker.
package struct PageSizing: Sendable, Equatable {
  /// Bytes of all pages in flight together; with the connections' buffers about 16 MB.
  package static let bytesInFlight = 12 << 20
  /// Items of a worker's first page; even of the smallest items they make less than a page's share.
  package static let firstLimit = 1_000

  private let share: Int
  private var bytesPerItem: Int?

  package init(openSegments: Int) { share = max(1, Self.bytesInFlight / max(1, openSegments)) }

  /// `Limit` of the next page.
  package var limit: Int { bytesPerItem.map { max(1, share / $0) } ?? Self.firstLimit }

  /// Notes what a page held: the larger of its average and what the pages before had on average, half each.
  package mutating func learned(items: Int, bytes: Int) {
    guard items > 0 else { return }
    let average = max(1, bytes / items)
    bytesPerItem = max(average, (average + (bytesPerItem ?? average)) / 2)
  }
}
