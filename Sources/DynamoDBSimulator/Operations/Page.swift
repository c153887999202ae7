internal import DynamoDBExpressions
internal import DynamoDBModel
internal import HTTPTransport

/// A page of items on its way into an answer.
struct Page: ~Copyable {
  /// Bytes of items that are read for a page at most.
  private static let most = 1 << 20

  private let request: PageRequest
  private let limit: Int
  private(set) var items: ByteBuffer
  private(set) var count = 0
  private(set) var scanned = 0
  /// Bytes read, of the table's items or the index's.
  private(set) var bytes = 0
  /// Bytes of items fetched from the table for an index.
  private(set) var fetchedBytes = 0
  private(set) var last: StoredItem?
  /// The place of the first item read, which says what partition the page is charged to.
  private(set) var first: Place?
  /// True if the page ended before the items did, or may have.
  private(set) var isCut = false

  init(_ request: PageRequest, itemsInPage: Int) {
    self.request = request
    limit = min(request.limit ?? .max, itemsInPage)
    items = ByteBuffer(capacity: 4_096)
  }

  /// Takes the next item.
  ///
  /// - Parameter whole: finds the item in the table, where the index hasn't all of it.
  /// - Returns: false if the page is full.
  mutating func take(_ place: Place, _ stored: StoredItem, whole: ((StoredItem) -> StoredItem?)?) -> Bool {
    guard scanned == 0 || bytes + stored.size <= Self.most else {
      isCut = true
      return false
    }
    if first == nil { first = place }
    scanned += 1
    bytes += stored.size
    last = stored
    var shown = stored
    if let whole, let found = whole(stored) {
      shown = found
      fetchedBytes += found.size
    }
    show(shown)
    isCut = scanned >= limit
    return !isCut
  }

  private mutating func show(_ stored: StoredItem) {
    guard request.filter != nil || request.projection != nil else { return write(stored.wire.span) }
    let item = stored.item
    guard request.filter?.evaluate(on: item) ?? true else { return }
    guard let projection = request.projection, request.select != .count else { return write(stored.wire.span) }
    begin()
    projection.project(item).encode(into: &items)
  }

  private mutating func write(_ wire: Span<UInt8>) {
    begin()
    if request.select != .count { items.append(wire) }
  }

  private mutating func begin() {
    if count > 0 && request.select != .count { items.append(",") }
    count += 1
  }

  /// Writes the page's members of the answer.
  func write(to body: inout AnswerBody) {
    if request.select != .count {
      body.begin("Items")
      body.write { out in
        out.append("[")
        out.append(items.span)
        out.append("]")
      }
    }
    body.add("Count", .number("\(count)"))
    body.add("ScannedCount", .number("\(scanned)"))
  }
}
