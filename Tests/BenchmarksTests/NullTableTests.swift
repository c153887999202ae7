import CNullServer
import CZlib
import Testing

@Suite struct NullTableTests {
  private static let item = #"{"id":{"S":"u-000000000000"},"name":{"S":"Margarete"}}"#

  /// A table, and its pages as text; it looks at each page's checksum too.
  private final class Table {
    private let table: OpaquePointer

    init(count: Int) throws {
      table = try #require(null_table_make("users", item, UInt64(count)))
    }

    deinit { null_table_free(table) }

    func page(
      segment: Int = 0, of total: Int = 1, after start: Int? = nil, limit: Int = 0, capacity: Bool = false
    ) throws -> String {
      var scan = null_scan(
        segment: UInt64(segment), total_segments: UInt64(total), has_start: start != nil, start: UInt64(start ?? 0), limit: UInt64(limit),
        capacity: capacity, eventual: false)
      var room = [CChar](repeating: 0, count: null_table_page_room(table))
      var sum: UInt32 = 0
      let range = null_table_page(table, &scan, &room, &sum)
      let bytes = room[range.offset..<range.offset + range.length].map(UInt8.init(bitPattern:))
      #expect(UInt(sum) == bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) })
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test func `a page is what the service would answer`() throws {
    let page = try Table(count: 2).page(capacity: true)
    #expect(
      page
        == #"{"Count":2,"Items":[{"id":{"S":"u-000000000000"},"name":{"S":"Margarete"}},{"id":{"S":"u-000000000001"},"#
        + #""name":{"S":"Margarete"}}],"ConsumedCapacity":{"TableName":"users","CapacityUnits":1.0},"ScannedCount":2}"#)
  }

  @Test func `an empty table has one empty page`() throws {
    #expect(try Table(count: 0).page() == #"{"Count":0,"Items":[],"ScannedCount":0}"#)
  }

  @Test(arguments: [0, 1, 7, 1_000, 40_000], [1, 3, 16])
  func `segments followed to their ends hold each id once`(count: Int, segments: Int) throws {
    let table = try Table(count: count)
    var ids: [Int] = []
    for segment in 0..<segments {
      var start: Int?
      repeat {
        let page = try table.page(segment: segment, of: segments, after: start, limit: segment % 2 == 0 ? 0 : 333)
        let pieces = page.split(separator: #"{"id":{"S":"u-"#, omittingEmptySubsequences: false).dropFirst()
        let numbers = try pieces.map { try #require(Int($0.prefix(Int(NULL_ID_DIGITS)))) }
        let goesOn = page.contains("LastEvaluatedKey")
        ids += goesOn ? numbers.dropLast() : numbers
        start = goesOn ? numbers.last : nil
      } while start != nil
    }
    #expect(ids == Array(0..<count))
  }

  @Test func `an item without the id's place makes no table`() {
    #expect(null_table_make("users", #"{"id":{"S":"1"}}"#, 1) == nil)
  }
}
