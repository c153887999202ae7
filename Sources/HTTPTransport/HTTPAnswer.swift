/// One answer in wire form: status, head and whole body, lent to whoever sent the request.
package struct HTTPAnswer: ~Copyable, Sendable {
  /// The status code, 100 to 599.
  package let status: Int
  /// The bytes that hold head and body; after `takeBytes` an empty buffer.
  package var bytes: ByteBuffer
  /// Where the head's fields lie in `bytes`: behind the status line, up to the empty line.
  package let fields: Range<Int>
  /// Where the body lies in `bytes`: decoded, so without chunk sizes.
  package let body: Range<Int>
  /// From the request's pull to the answer's last byte, in nanoseconds, as the transport's loop saw it; nil where nobody measured.
  package let nanoseconds: Int64?

  /// Makes an answer of bytes received or made up.
  package init(status: Int, bytes: consuming ByteBuffer, fields: Range<Int>, body: Range<Int>, nanoseconds: Int64? = nil) {
    precondition(fields.upperBound <= bytes.count && body.upperBound <= bytes.count)
    self.status = status
    self.bytes = bytes
    self.fields = fields
    self.body = body
    self.nanoseconds = nanoseconds
  }

  /// The body, borrowed.
  package var bodySpan: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span.extracting(body) }
  }

  /// Gives the bytes away, so that a large body needn't be copied; `body` still says where it lies in them.
  package mutating func takeBytes() -> ByteBuffer {
    var taken = ByteBuffer()
    swap(&taken, &bytes)
    return taken
  }

  /// Where the value of the first field called `name` lies in `bytes`, without surrounding blanks.
  ///
  /// - Parameter name: in lower case; field names are compared without regard to case.
  package func field(_ name: StaticString) -> Range<Int>? {
    let wanted = unsafe UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    let span = bytes.span
    var line = fields.lowerBound
    while line < fields.upperBound {
      var end = min(span.lineFeed(from: line) ?? fields.upperBound, fields.upperBound)
      let next = end + 1
      if end > line && span[end - 1] == 0x0D { end -= 1 }
      if end - line > wanted.count && span[line + wanted.count] == 0x3A {
        var same = true
        for offset in 0..<wanted.count where same {
          let byte = span[line + offset]
          same = unsafe (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) == wanted[offset]
        }
        if same {
          var from = line + wanted.count + 1
          while from < end && (span[from] == 0x20 || span[from] == 0x09) { from += 1 }
          while end > from && (span[end - 1] == 0x20 || span[end - 1] == 0x09) { end -= 1 }
          return from..<end
        }
      }
      line = next
    }
    return nil
  }

  /// The text of the first field called `name` (lower case), nil if there is none.
  package func text(_ name: StaticString) -> String? {
    guard let range = field(name) else { return nil }
    var units: [UInt8] = []
    let span = bytes.span
    for index in range { units.append(span[index]) }
    return String(decoding: units, as: UTF8.self)
  }
}
