public import DynamoDBModel

extension Pages where Page == ScanOutput {
  /// The pages' items, one after the other.
  public var items: PageItems<Place, Failure> { PageItems(pages: self) }
}

/// The items of a scan or a query, whose pages are asked for as their items are taken.
///
/// An iteration that has thrown goes on, if it is asked again, with the page that it has not got.
public struct PageItems<Place: Sendable, Failure: Error>: AsyncSequence, Sendable {
  /// Takes the items in order.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate var pages: Pages<ScanOutput, Place, Failure>.Iterator
    private var page: [Item] = []
    private var place = 0

    fileprivate init(_ pages: Pages<ScanOutput, Place, Failure>) { self.pages = pages.makeAsyncIterator() }

    /// The next item; nil behind the last.
    public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws(Failure) -> Item? {
      while place == page.count {
        guard let next = try await pages.next(isolation: actor) else { return nil }
        page = next.items
        place = 0
      }
      defer { place += 1 }
      return page[place]
    }
  }

  fileprivate let pages: Pages<ScanOutput, Place, Failure>

  /// Begins at the request's first item.
  public func makeAsyncIterator() -> Iterator { Iterator(pages) }
}
