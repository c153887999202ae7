/// The pages of an operation, asked for one after the other as they are taken.
///
/// An iteration that has thrown goes on, if it is asked again, with the page that it has not got.
public struct Pages<Page: Sendable, Place: Sendable, Failure: Error>: AsyncSequence, Sendable {
  /// Takes the pages in order.
  public struct Iterator: AsyncIteratorProtocol {
    private let pages: Pages
    private var start: Place?
    private var isAtEnd = false

    fileprivate init(_ pages: Pages) {
      self.pages = pages
      start = pages.start
    }

    /// Asks for the next page; nil behind the last.
    public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws(Failure) -> Page? {
      if isAtEnd { return nil }
      let page = try await pages.page(start)
      start = pages.end(page)
      isAtEnd = start == nil
      return page
    }
  }

  let start: Place?
  let page: @Sendable (Place?) async throws(Failure) -> Page
  /// Where the page behind this one begins; nil behind the last.
  let end: @Sendable (Page) -> Place?

  /// Makes a sequence.
  ///
  /// - Parameters:
  ///   - start: where the first page begins; nil: at the beginning.
  ///   - page: asks for the page that begins there.
  ///   - end: where the page behind a page begins; nil behind the last.
  package init(
    start: Place?, page: @escaping @Sendable (Place?) async throws(Failure) -> Page, end: @escaping @Sendable (Page) -> Place?
  ) {
    self.start = start
    self.page = page
    self.end = end
  }

  /// Begins at the request's first page.
  public func makeAsyncIterator() -> Iterator { Iterator(self) }
}
