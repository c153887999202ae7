internal import DynamoDBModel

/// The tables in the order of their names.
struct TableList: Sendable {
  private(set) var all: [SimulatedTable] = []

  /// Where the table with this name is, or would be.
  private func place(of name: String) -> Int {
    var (low, high) = (0, all.count)
    while low < high {
      let middle = (low + high) / 2
      if UTF8Text.less(all[middle].name, name) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  func index(of name: String) -> Int? {
    let place = place(of: name)
    return place < all.count && UTF8Text.equal(all[place].name, name) ? place : nil
  }

  subscript(index: Int) -> SimulatedTable {
    _read { yield all[index] }
    _modify { yield &all[index] }
  }

  mutating func insert(_ table: SimulatedTable) { all.insert(table, at: place(of: table.name)) }

  mutating func remove(at index: Int) { all.remove(at: index) }
}
