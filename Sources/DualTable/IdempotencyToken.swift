internal import AWSAuth
internal import DynamoDBClient
internal import HTTPTransport

/// A caller's idempotency token, from which every body that his write is sent in has a token of its own.
///
/// The service knows one transaction by a token, to the byte, and refuses the token of another. A guarded write may take several bodies,
/// one after another, as it learns in which physical state the items are. So each body's token is derived from the caller's and the body:
/// the same body sent again is the same transaction, another one is another.
internal struct IdempotencyToken: Sendable {
  private let text: String

  /// Takes a caller's token, of any length.
  internal init(_ text: String) { self.text = text }

  /// The `ClientRequestToken` of this transaction, whose own is left aside.
  internal func derived(for input: TransactWriteItemsInput) -> String {
    var body = ByteBuffer(capacity: 1_024)
    var input = input
    input.clientRequestToken = nil
    input.encode(into: &body)
    var hash = SHA256()
    hash.update(text)
    // No body begins so: no two pairs of token and body are one text.
    hash.update("\0")
    hash.update(body.span)
    // 128 bits; the service takes 36 characters.
    return String(HexDigits(hash.finish()).string.prefix(32))
  }
}
