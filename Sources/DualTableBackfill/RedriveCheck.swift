internal import DualTableMapping
internal import DynamoDBModel
internal import HTTPTransport

/// Whether a mended mapping may be used for an item: its new keys must be the first mapping's, or else whoever went by the first misses it.
struct RedriveCheck {
  let first: any TableMapping
  /// The new key that each old key's dead letter recorded, where it came to one.
  var recorded: [Item: Item] = [:]

  /// True if the first mapping finds from each new key back to the item's own, and the recorded key is one of them.
  func isSound(
    _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, results: Int, _ converter: inout ItemConverter, _ newSchema: KeySchema,
    _ oldSchema: KeySchema
  ) -> Bool {
    guard let oldKey = oldSchema.key(of: Item(tape, bytes)) else { return false }
    var keys: [Item] = []
    var scratch = ByteBuffer()
    for result in 0..<results {
      scratch.removeAll()
      // What can't be converted becomes a dead letter for that reason.
      guard let isWritten = try? converter.write(result, of: tape, bytes, to: &scratch) else { return true }
      guard isWritten else { continue }
      guard let item = try? Item(wire: scratch.span), let key = newSchema.key(of: item),
        let back = try? first.oldKey(for: key), back == oldKey
      else { return false }
      keys.append(key)
    }
    guard let expected = recorded[oldKey] else { return true }
    return keys.contains(expected) || keys.isEmpty
  }
}
