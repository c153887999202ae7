internal import CZlib
package import HTTPTransport

extension HTTPAnswer {
  /// A body may be this long once it is decompressed, which is what a transport takes uncompressed.
  static let longestDecompressed = 64_000_000

  /// True where the body is compressed. JSON never begins with gzip's first byte, so other answers' fields aren't looked at.
  package var isCompressed: Bool {
    guard !body.isEmpty, bytes[body.lowerBound] == 0x1F, let encoding = text("content-encoding") else { return false }
    return encoding.lowercased() == "gzip"
  }

  /// The answer with its body decompressed, nil where it isn't compressed.
  ///
  /// The checksum is of the bytes as they were sent, so it is checked first; the answer that is returned says none, nor an encoding.
  ///
  /// - Throws: `checksumMismatch` where the bytes are damaged, `unexpectedAnswer` where they would be too long: a few kilobytes can say
  ///   gigabytes.
  package func decompressed(longest: Int = longestDecompressed) throws(DynamoDBError) -> HTTPAnswer? {
    guard isCompressed else { return nil }
    try requireIntact()
    var plain = ByteBuffer(capacity: fields.upperBound + 2 + 4 * body.count)
    let fieldsStart = fields.lowerBound
    plain.append(bytes.span.extracting(0..<fieldsStart))
    appendFields(to: &plain, without: ["x-amz-crc32", "content-encoding"])
    let fieldsEnd = plain.count
    plain.append("\r\n")
    let bodyStart = plain.count
    guard Gunzip.append(bodySpan, to: &plain, longest: longest) else {
      let isTooLong = plain.count - bodyStart > longest
      throw DynamoDBError(
        isTooLong ? .unexpectedAnswer : .checksumMismatch,
        isTooLong ? "The answer is longer than \(longest) bytes once it is decompressed." : "The answer's compressed bytes are damaged.",
        requestID: text("x-amzn-requestid"), httpStatus: status, mayHaveArrived: true)
    }
    let bodyEnd = plain.count
    return HTTPAnswer(status: status, bytes: plain, fields: fieldsStart..<fieldsEnd, body: bodyStart..<bodyEnd)
  }

  private func appendFields(to other: inout ByteBuffer, without names: [String]) {
    let span = bytes.span
    var line: [UInt8] = []
    for index in fields {
      line.append(span[index])
      guard span[index] == UInt8(ascii: "\n") else { continue }
      let text = String(decoding: line, as: UTF8.self).lowercased()
      if !names.contains(where: { text.hasPrefix("\($0):") }) { other.append(contentsOf: line) }
      line.removeAll(keepingCapacity: true)
    }
  }
}

/// zlib's reader of gzip.
private enum Gunzip {
  /// Appends what the gzip member `input` holds; false where it isn't one from end to end, or holds more than `longest` bytes, which shows
  /// in `output`.
  static func append(_ input: Span<UInt8>, to output: inout ByteBuffer, longest: Int) -> Bool {
    let start = output.count
    var stream = z_stream()
    // 16 stands for gzip, 15 for the largest window.
    guard unsafe inflateInit2_(&stream, 16 + 15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return false }
    defer { unsafe inflateEnd(&stream) }
    return unsafe input.withUnsafeBufferPointer { source in
      // zlib doesn't write there, it only lacks the const.
      unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
      stream.avail_in = UInt32(source.count)
      while true {
        // One byte more than may be there, so that its coming tells.
        let room = min(max(65_536, output.count - start), longest + 1 - (output.count - start))
        guard room > 0 else { return false }
        var result = Z_OK
        unsafe output.appendUninitialized(room) { target in
          unsafe stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
          stream.avail_out = UInt32(room)
          unsafe result = inflate(&stream, Z_NO_FLUSH)
          return room - Int(stream.avail_out)
        }
        if result == Z_STREAM_END { return stream.avail_in == 0 && output.count - start <= longest }
        // Room left means that the input is used up.
        guard result == Z_OK, stream.avail_out == 0 else { return false }
      }
    }
  }
}
