import DualTable
import DynamoDBModel
import Testing

/// The place of an OLD item's yield by the item's own sort key.
@Suite struct OldViewTests {
  static let rows: [(prefix: String, new: AttributeValue?, old: AttributeValue, order: Int?)] = [
    ("S#", "S#b", "b", 0), ("S#", "S#a", "b", -1), ("S#", "S#c", "b", 1), ("S#", "S#", "b", -1), ("S#", "S#bb", "b", 1),
    ("S#", "S#b", "bb", -1), ("S#", "S", "b", -1), ("S#", "S!zzz", "b", -1), ("S#", "Sa", "b", 1), ("S#", "T", "b", 1),
    ("S#", "A", "b", -1),
    ("S#", "S#\u{e9}", "e\u{301}", 1), ("S#", .binary([1]), "b", nil), ("S#", nil, "b", nil), ("", "b", "b", 0), ("", 10, 9, 1),
    ("", .number(DynamoDBNumber(7)), 7, 0), ("", .binary([1, 2]), .binary([2]), -1), ("", 1, "1", nil),
  ]

  @Test("query: streams are merged by NEW's key, told by OLD's sort key where that is the same behind a text", arguments: rows)
  func places(_ row: (prefix: String, new: AttributeValue?, old: AttributeValue, order: Int?)) {
    #expect(OldSortKey("r", behind: row.prefix).compare(row.new, ["r": row.old]) == row.order)
    #expect(OldSortKey("other", behind: row.prefix).compare(row.new, ["r": row.old]) == nil)
  }
}
