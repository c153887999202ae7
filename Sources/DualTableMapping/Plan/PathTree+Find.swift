import DynamoDBModel
import HTTPTransport

extension PathTree {
  /// The node for the value at `index` of the tape by its name; -1 if the plan has none there.
  func node(
    of index: Int, _ value: ItemTape.Node, below parent: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ text: inout ByteBuffer
  ) -> Int {
    let name = value.nameRange
    if value.nameEscaped { return node(ofEscaped: index, below: parent, tape, bytes, &text) }
    return node(named: bytes, name, below: parent)
  }

  @inline(never)
  private func node(
    ofEscaped index: Int, below parent: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ text: inout ByteBuffer
  ) -> Int {
    text.removeAll()
    tape.appendName(of: index, bytes, to: &text)
    return node(named: text.span, 0..<text.count, below: parent)
  }

  @inline(__always)
  private func node(named bytes: Span<UInt8>, _ name: Range<Int>, below parent: Int) -> Int {
    let nodes = nodes.span
    let table = table.span
    let word = nameWord(bytes.bytes, name.lowerBound, name.count)
    let start = Int(nodes[parent].tableStart)
    let shift = UInt64(nodes[parent].tableShift)
    var slot = nameHash(word, name.count) &>> shift
    while true {
      let child = Int(table[start &+ Int(truncatingIfNeeded: slot)])
      if child < 0 { return -1 }
      if nodes[child].word == word && Int(nodes[child].nameCount) == name.count && (name.count <= 8 || isName(of: child, bytes, name)) {
        return child
      }
      slot = (slot &+ 1) & (UInt64.max &>> shift)
    }
  }

  private func isName(of node: Int, _ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
    let start = Int(nodes[node].nameStart)
    return UTF8Text.equal(names.span.extracting(start..<start + name.count), bytes.extracting(name))
  }

  /// The node for the element at `place` of a list; -1 if the plan has none there.
  func node(at place: Int32, below parent: Int) -> Int {
    for child in nodes[parent].children where nodes[child].index == place { return child }
    return -1
  }

  /// Appends what a target begins with, without the comma where it is the first in its map.
  @inline(__always)
  func appendOpening(_ opening: ByteRange, to out: inout ByteBuffer) {
    var opening = opening
    if out[out.count &- 1] == UInt8(ascii: "{") { opening.start &+= 1 }
    wire.append(opening, to: &out)
  }
}
