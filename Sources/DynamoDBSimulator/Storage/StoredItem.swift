internal import DynamoDBModel
internal import HTTPTransport

/// An item as a table keeps it: its wire form as the service would give it back, and its size as the service counts it.
struct StoredItem: Sendable {
  let wire: [UInt8]
  let size: Int

  /// The item on the tape, numbers and sets in the service's form.
  init(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ByteBuffer) {
    scratch.removeAll()
    tape.appendNormal(bytes, to: &scratch)
    wire = [UInt8](copying: scratch.span)
    size = tape.sizeInBytes(bytes)
  }

  /// Some root attributes of an item on the tape, which is in the service's form already.
  init(_ tape: borrowing ItemTape, _ bytes: Span<UInt8>, keeping names: [[UInt8]], _ scratch: inout ByteBuffer) {
    scratch.removeAll()
    scratch.append("{")
    var size = 0
    var child = 1
    while child < tape[0].end {
      let node = tape[child]
      if names.contains(where: { tape.isNamed(child, $0.span, bytes) }) {
        if scratch.count > 1 { scratch.append(",") }
        scratch.append(bytes.extracting(node.nameRange.lowerBound - 1..<node.valueRange.upperBound))
        size += tape.sizeInBytes(of: child, bytes) + tape.nameSize(of: child, bytes)
      }
      child = node.end
    }
    scratch.append("}")
    wire = [UInt8](copying: scratch.span)
    self.size = size
  }

  /// The item as values.
  var item: Item {
    do {
      return try Item(wire: wire.span)
    } catch {
      preconditionFailure("what is stored was judged before: \(error)")
    }
  }
}

extension ItemTape {
  /// True if the node at `index` has this name.
  func isNamed(_ index: Int, _ name: Span<UInt8>, _ bytes: Span<UInt8>) -> Bool {
    let node = self[index]
    guard node.nameEscaped else { return UTF8Text.equal(bytes.extracting(node.nameRange), name) }
    var plain = ByteBuffer(capacity: node.nameRange.count)
    appendName(of: index, bytes, to: &plain)
    return UTF8Text.equal(plain.span, name)
  }
}
