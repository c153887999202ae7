import DynamoDBModel
import HTTPTransport

extension AttributeValue {
  /// The value's canonical form, for putting values into an order of their own.
  var canonicalBytes: [UInt8] {
    var buffer = ByteBuffer()
    appendCanonical(to: &buffer)
    return [UInt8](copying: buffer.span)
  }
}

/// The bytes that `text` stands for, if it is base64 as strict as the wire's.
func base64Bytes(_ text: String) -> [UInt8]? {
  let characters = text.utf8.span
  guard Base64.fault(characters, 0..<characters.count) == nil else { return nil }
  var buffer = ByteBuffer()
  Base64.appendDecoded(characters, 0..<characters.count, to: &buffer)
  return [UInt8](copying: buffer.span)
}

/// `bytes` in base64.
func base64Text(_ bytes: [UInt8]) -> String {
  var buffer = ByteBuffer()
  Base64.appendEncoded(bytes.span, to: &buffer)
  return String(copying: buffer.span)
}
