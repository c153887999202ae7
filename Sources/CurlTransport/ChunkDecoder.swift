internal import HTTPTransport

/// Joins the chunks of a body in place as they come: a pure value beside the bytes that it works on.
///
/// Decoded bytes move down over the sizes between them, so each byte moves at most twice however small the chunks are. Extensions and
/// trailing fields are checked for their form and dropped.
struct ChunkDecoder {
  private enum Stage: Equatable {
    case size
    case data(Int)
    case dataEnd
    case trailer
    case complete
  }

  /// Where the decoded body lies.
  private(set) var body: Range<Int>
  private var stage = Stage.size
  private var cursor: Int
  private var trailerBytes = 0
  /// Of the lines with sizes, without the sizes: a server must not send gigabytes of them around a few bytes.
  private var extensionBytes = 0

  init(at start: Int = 0) {
    body = start..<start
    cursor = start
  }

  /// Where the next byte after the last chunk lies.
  var end: Int { cursor }

  /// Bytes known to come: the rest of the chunk.
  var expected: Int {
    if case .data(let rest) = stage { return rest }
    return 0
  }

  /// Decodes what came since the last call; true once the last chunk and the trailing fields are there.
  mutating func advance(_ bytes: inout ByteBuffer, longest: Int) throws(AnswerFault) -> Bool {
    while true {
      switch stage {
      case .size:
        guard let line = try nextLine(bytes.span, longest: 1_024, else: .chunkSize) else { return pause(&bytes) }
        let size = try readSize(bytes.span.extracting(line))
        guard size <= longest - body.count else { throw .tooLong }
        stage = size == 0 ? .trailer : .data(size)
      case .data(let rest):
        let there = min(rest, bytes.count - cursor)
        bytes.moveDown(cursor..<(cursor + there), to: body.upperBound)
        body = body.lowerBound..<(body.upperBound + there)
        cursor += there
        stage = there == rest ? .dataEnd : .data(rest - there)
        if there < rest { return pause(&bytes) }
      case .dataEnd:
        guard bytes.count >= cursor + 2 else {
          if bytes.count > cursor, bytes[cursor] != 0x0D { throw .chunkEnd }
          return pause(&bytes)
        }
        guard bytes[cursor] == 0x0D, bytes[cursor + 1] == 0x0A else { throw .chunkEnd }
        cursor += 2
        stage = .size
      case .trailer:
        let room = AnswerParser.longestHead - trailerBytes
        guard let line = try nextLine(bytes.span, longest: room, else: .headTooLong) else { return pause(&bytes) }
        trailerBytes += line.count + 2
        if line.isEmpty { stage = .complete } else { try Self.checkField(bytes.span.extracting(line)) }
      case .complete:
        return true
      }
    }
  }

  /// Closes the gap between the decoded bytes and what isn't decoded yet.
  private mutating func pause(_ bytes: inout ByteBuffer) -> Bool {
    bytes.remove(body.upperBound..<cursor)
    cursor = body.upperBound
    return false
  }

  private mutating func nextLine(_ span: Span<UInt8>, longest: Int, else fault: AnswerFault) throws(AnswerFault) -> Range<Int>? {
    guard let end = span.lineFeed(from: cursor) else {
      guard span.count - cursor < longest else { throw fault }
      return nil
    }
    guard end - cursor < longest else { throw fault }
    guard end > cursor, span[end - 1] == 0x0D else { throw .lineEnd }
    let line = cursor..<(end - 1)
    cursor = end + 1
    return line
  }

  private mutating func readSize(_ line: Span<UInt8>) throws(AnswerFault) -> Int {
    var size = 0
    var index = 0
    while index < line.count, let digit = line[index].hexDigit {
      // Eight digits are 4 GB: more than any limit, less than any overflow.
      guard index < 8 else { throw .chunkSize }
      size = size << 4 | digit
      index += 1
    }
    guard index > 0, line.hasNoControls(from: index) else { throw .chunkSize }
    guard index == line.count || line[index] == 0x3B else { throw .chunkSize }
    extensionBytes += line.count - index
    guard extensionBytes < AnswerParser.longestHead else { throw .chunkSize }
    return size
  }

  private static func checkField(_ line: Span<UInt8>) throws(AnswerFault) {
    var colon = 0
    while colon < line.count, line[colon].isTokenCharacter { colon += 1 }
    guard colon > 0, colon < line.count, line[colon] == 0x3A else { throw .fieldName }
    guard line.hasNoControls(from: colon + 1) else { throw .fieldValue }
  }
}
