/// Why bytes are not an answer that can be trusted; the raw value completes the sentence "the answer …".
enum AnswerFault: String, Error, CaseIterable {
  case statusLine = "doesn't begin with a status line of HTTP/1.1"
  case status = "has a status code outside 200 to 599, or switches protocols unasked"
  case headTooLong = "has a head of more than 64 KB"
  case lineEnd = "has a line that doesn't end in carriage return and line feed"
  case fieldName = "has a field without a valid name"
  case fieldValue = "has a control character in a field"
  case lengthMissing = "says neither its length nor that it comes in chunks"
  case lengthInvalid = "has a content-length that isn't a plain number"
  case lengthTwice = "has more than one content-length"
  case lengthAndChunks = "has both a content-length and a transfer-encoding"
  case transferEncoding = "has a transfer-encoding other than chunked, or one at all in HTTP/1.0"
  case bodyForbidden = "promises a body where its status allows none"
  case tooLong = "is longer than the limit for answers"
  case chunkSize = "has a chunk without a valid size, or 64 KB of extensions to sizes"
  case chunkEnd = "has a chunk that is longer than its size"
}
