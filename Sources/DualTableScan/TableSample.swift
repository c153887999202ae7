package import DynamoDBClient
package import DynamoDBModel

/// Some items from all over a table.
package struct TableSample: Sendable {
  package var items: [Item] = []
  /// How many pages ended with the table's or a segment's end: all of them where the sample is the whole table.
  package var isWholeTable = false

  /// Reads `count` items, fewer if the table hasn't so many.
  package init(_ count: Int, of side: TableSide) async throws(DynamoDBError) {
    let segments = min(count, 64)
    // A page of each segment in turn, so that no part of the table speaks for all of it.
    var open = (0..<segments).map { ScanInput(tableName: side.table, segment: $0, totalSegments: segments) }
    while !open.isEmpty && items.count < count {
      var next: [ScanInput] = []
      for (index, input) in open.enumerated() {
        var input = input
        let missing = count - items.count
        if missing == 0 {
          next += open[index...]
          break
        }
        input.limit = min(missing, max(1, count / segments))
        let page = try await side.client.scan(input)
        items += page.items
        if let start = page.lastEvaluatedKey {
          input.exclusiveStartKey = start
          next.append(input)
        }
      }
      open = next
    }
    isWholeTable = open.isEmpty
  }
}
