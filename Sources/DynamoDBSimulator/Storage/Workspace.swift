internal import DynamoDBModel
internal import HTTPTransport

/// Memory that is used for request after request.
struct Workspace: ~Copyable, Sendable {
  /// The item or key of the request.
  var tape = ItemTape()
  /// An item that is stored.
  var stored = ItemTape()
  var scratch = ByteBuffer(capacity: 1_024)

  /// Puts a stored item on the tape.
  mutating func read(_ item: StoredItem) {
    do {
      _ = try stored.read(item.wire.span)
    } catch {
      preconditionFailure("what is stored was judged before: \(error)")
    }
  }
}
