import DynamoDBModel
import HTTPTransport

extension PathTree {
  /// The node for the value at `index` of the tape by its name; -1 if the plan has none there.
  @inline(__always)
  func node(
    of index: Int, _ value: ItemTape.Node, below parent: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ text: inout ByteBuffer
  ) -> Int {
    let name = value.nameRange
    if value.nameEscaped { return node(ofEscaped: index, below: parent, tape, bytes, &text) }
    // Most attributes are known to be none of the plan's by the length of their name.
    if parent == 0 && rootLengths & (1 &<< UInt64(truncatingIfNeeded: min(name.count, 63))) == 0 { return -1 }
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
    let word = nameWord(bytes.bytes, name.lowerBound, name.count)
    for child in nodes[parent].children where nodes[child].word == word && Int(nodes[child].nameCount) == name.count {
      if name.count <= 8 || isName(of: child, bytes, name) { return child }
    }
    return -1
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

  /// Appends `"name":` of a node.
  func appendName(of node: Int, to out: inout ByteBuffer) {
    let start = Int(nodes[node].wireStart)
    out.append(wireNames.span.extracting(start..<start + Int(nodes[node].wireCount)))
  }
}
