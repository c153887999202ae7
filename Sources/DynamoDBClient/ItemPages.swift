internal import DynamoDBModel

/// The pages of a scan or a query, asked for one after the other as they are taken.
///
/// An iteration that has thrown goes on, if it is asked again, with the page that it has not got.
public struct ItemPages: AsyncSequence, Sendable {
  /// Takes the pages in order.
  public struct Iterator: AsyncIteratorProtocol {
    private let page: @Sendable (Item?) async throws(DynamoDBError) -> ScanOutput
    private var start: Item?
    private var isAtEnd = false

    fileprivate init(_ pages: ItemPages) {
      page = pages.page
      start = pages.start
    }

    /// Asks for the next page; nil behind the last.
    public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async throws(DynamoDBError) -> ScanOutput? {
      if isAtEnd { return nil }
      let output = try await page(start)
      start = output.lastEvaluatedKey
      isAtEnd = start == nil
      return output
    }
  }

  let start: Item?
  let page: @Sendable (Item?) async throws(DynamoDBError) -> ScanOutput

  /// Begins at the request's first page.
  public func makeAsyncIterator() -> Iterator { Iterator(self) }
}

extension DynamoDBClient {
  /// Reads a table's or an index's items, page after page, from the request's `exclusiveStartKey` to the end.
  public func scanPages(_ input: ScanInput, options: CallOptions = CallOptions()) -> ItemPages {
    ItemPages(start: input.exclusiveStartKey) { start throws(DynamoDBError) in
      var input = input
      input.exclusiveStartKey = start
      return try await self.scan(input, options: options)
    }
  }

  /// Reads the items with one partition key, page after page, from the request's `exclusiveStartKey` to the end.
  public func queryPages(_ input: QueryInput, options: CallOptions = CallOptions()) -> ItemPages {
    ItemPages(start: input.exclusiveStartKey) { start throws(DynamoDBError) in
      var input = input
      input.exclusiveStartKey = start
      return try await self.query(input, options: options)
    }
  }
}
