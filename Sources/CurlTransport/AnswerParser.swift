internal import HTTPTransport

/// Finds where one HTTP/1.1 answer begins and ends in the bytes that came so far: strict, incremental, and a pure value.
///
/// Whatever two readers could understand differently is refused (RFC 9112, sections 2.2, 5 and 6): a connection whose answers might be
/// attributed to the wrong requests is worth nothing. However the bytes are cut into pieces, the outcome is the same.
struct AnswerParser {
  enum Progress: Equatable {
    /// More must come; `expected` bytes at least where that is known, else 0.
    case incomplete(expected: Int)
    case complete
  }

  /// Status line and fields, of all interim answers together, and the same again for trailing fields.
  static let longestHead = 65_536

  private enum Stage: Equatable {
    case statusLine, fields
    case sized
    case chunked
    case complete
  }

  /// The status of the answer, once its head is there.
  private(set) var status = 0
  /// Where the fields lie, up to the empty line.
  private(set) var fields = 0..<0
  /// Where the body lies, decoded, once the answer is complete.
  private(set) var body = 0..<0
  /// True where the server won't take another request on this connection.
  private(set) var closes = false

  private let longestAnswer: Int
  private var stage = Stage.statusLine
  private var line = 0
  private var scanned = 0
  private var length: Int?
  private var isChunked = false
  /// True for HTTP/1.0.
  private var isOld = false
  private var chunks = ChunkDecoder()

  /// Makes a parser for one answer whose body may be `longestAnswer` bytes long.
  init(longestAnswer: Int) { self.longestAnswer = longestAnswer }

  /// Bytes behind the answer's last one, which nobody asked for.
  func excess(in bytes: borrowing ByteBuffer) -> Int { bytes.count - (isChunked ? chunks.end : body.upperBound) }

  /// Looks at what came since the last call; `bytes` holds everything since the answer began. Chunks are joined in place.
  mutating func advance(_ bytes: inout ByteBuffer) throws(AnswerFault) -> Progress {
    if stage == .statusLine || stage == .fields { try readHead(bytes) }
    switch stage {
    case .statusLine, .fields:
      return .incomplete(expected: 0)
    case .sized:
      guard bytes.count >= body.upperBound else { return .incomplete(expected: body.upperBound - bytes.count) }
      stage = .complete
    case .chunked:
      guard try chunks.advance(&bytes, longest: longestAnswer) else { return .incomplete(expected: chunks.expected) }
      body = chunks.body
      stage = .complete
    case .complete:
      break
    }
    return .complete
  }

  // MARK: Head

  private mutating func readHead(_ bytes: borrowing ByteBuffer) throws(AnswerFault) {
    let span = bytes.span
    while let end = span.lineFeed(from: scanned) {
      guard end < Self.longestHead else { throw .headTooLong }
      guard end > line, span[end - 1] == 0x0D else { throw .lineEnd }
      let content = line..<(end - 1)
      line = end + 1
      scanned = line
      if stage == .statusLine {
        try readStatusLine(span.extracting(content))
        fields = line..<line
        stage = .fields
      } else if content.isEmpty {
        fields = fields.lowerBound..<content.lowerBound
        try endHead()
        if stage != .statusLine { return }
      } else {
        try readField(span, content)
      }
    }
    scanned = span.count
    guard span.count < Self.longestHead else { throw .headTooLong }
  }

  private mutating func readStatusLine(_ text: Span<UInt8>) throws(AnswerFault) {
    guard text.count >= 12, text.starts(with: "HTTP/1."), text[7] == 0x30 || text[7] == 0x31, text[8] == 0x20 else {
      throw .statusLine
    }
    var code = 0
    for index in 9..<12 {
      guard let digit = text[index].decimalDigit else { throw .statusLine }
      code = code * 10 + digit
    }
    guard text.count == 12 || text[12] == 0x20 else { throw .statusLine }
    guard text.hasNoControls(from: 12) else { throw .fieldValue }
    guard code >= 100, code <= 599, code != 101 else { throw .status }
    status = code
    isOld = text[7] == 0x30
    closes = isOld  // HTTP/1.0 keeps no connection.
    length = nil
    isChunked = false
  }

  private mutating func readField(_ span: Span<UInt8>, _ content: Range<Int>) throws(AnswerFault) {
    var colon = content.lowerBound
    while colon < content.upperBound, span[colon].isTokenCharacter { colon += 1 }
    guard colon > content.lowerBound, colon < content.upperBound, span[colon] == 0x3A else { throw .fieldName }
    let text = span.extracting(content)
    let name = colon - content.lowerBound
    guard text.hasNoControls(from: name + 1) else { throw .fieldValue }
    // The names that matter are told by their length first: a usual field costs one comparison of integers.
    switch name {
    case 14 where text.starts(withLowercased: "content-length"):
      guard length == nil else { throw .lengthTwice }
      length = try Self.number(text.trimmed(from: 15))
    case 17 where text.starts(withLowercased: "transfer-encoding"):
      let coding = text.trimmed(from: 18)
      guard !isChunked, coding.count == 7, coding.starts(withLowercased: "chunked") else { throw .transferEncoding }
      isChunked = true
    case 10 where text.starts(withLowercased: "connection"):
      if text.trimmed(from: 11).listContains("close") { closes = true }
    default:
      break
    }
  }

  private mutating func endHead() throws(AnswerFault) {
    guard length == nil || !isChunked else { throw .lengthAndChunks }
    // HTTP/1.0 knows no chunks: whoever is between may have taken them for the body itself.
    guard !isChunked || !isOld else { throw .transferEncoding }
    let hasNoBody = status < 200 || status == 204 || status == 304
    if hasNoBody {
      // A 304 may say the length of what it doesn't send; the others must not have any.
      guard !isChunked, length == nil || length == 0 || status == 304 else { throw .bodyForbidden }
      guard status >= 200 else {
        stage = .statusLine
        return
      }
      body = line..<line
      stage = .sized
    } else if isChunked {
      chunks = ChunkDecoder(at: line)
      stage = .chunked
    } else {
      guard let length else { throw .lengthMissing }
      guard length <= longestAnswer else { throw .tooLong }
      body = line..<(line + length)
      stage = .sized
    }
  }

  private static func number(_ text: Span<UInt8>) throws(AnswerFault) -> Int {
    guard !text.isEmpty else { throw .lengthInvalid }
    var value = 0
    for index in text.indices {
      guard let digit = text[index].decimalDigit else { throw .lengthInvalid }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      guard !overflow, tens <= Int.max - 9 else { throw .tooLong }
      value = tens + digit
    }
    return value
  }
}
