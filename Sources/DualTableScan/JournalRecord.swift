internal import HTTPTransport

/// One entry of a pass's journal: everything that has to become true at once, so that totals are exact over any crash.
struct JournalRecord: Sendable, Equatable {
  enum Event: Sendable, Equatable {
    /// A process took the pass up.
    case started
    /// A page ended: the segment's new `LastEvaluatedKey` (nil: the segment is done) together with what the page counted.
    case page(segment: Int, key: [UInt8]?, counts: PassCounts)
    /// A process let go of the pass.
    case ended
    /// An operator changed how the pass runs.
    case changed(PassChange)
  }

  var event: Event
  /// Time worked on the pass so far, over all processes.
  var elapsedMilliseconds: Int
  /// The length of the lines file up to and including this page's lines.
  var linesLength: Int

  /// Appends the record in its frame.
  func encode(into bytes: inout ByteBuffer) { Frame.append(to: &bytes, encodePayload) }

  private func encodePayload(into bytes: inout ByteBuffer) {
    switch event {
    case .started: bytes.append(1)
    case .ended: bytes.append(2)
    case .page(_, let key, _): bytes.append(key == nil ? 3 : 4)
    case .changed: bytes.append(5)
    }
    Self.append(elapsedMilliseconds, to: &bytes)
    Self.append(linesLength, to: &bytes)
    if case .changed(let change) = event {
      Self.append(Int(change.milliseconds), to: &bytes)
      bytes.append(contentsOf: change.what.utf8)
    }
    guard case .page(let segment, let key, let counts) = event else { return }
    Self.append(segment, to: &bytes)
    if let key {
      Self.append(key.count, to: &bytes)
      bytes.append(key.span)
    }
    for counter in PassCounter.allCases where counts[counter] != 0 {
      Self.append(counter.rawValue, to: &bytes)
      Self.append(counts[counter], to: &bytes)
    }
  }

  /// Reads the record at `offset` and moves `offset` behind it.
  ///
  /// - Returns: nil, and `offset` unchanged, where no whole and undamaged record lies: the torn end of a process that died.
  init?(_ bytes: Span<UInt8>, at offset: inout Int) {
    guard let range = Frame.payload(bytes, at: offset) else { return nil }
    let payload = bytes.extracting(range)
    var reader = Reader(offset: 1)
    guard let elapsed = reader.number(payload), elapsed <= RunManifest.longestRun, let length = reader.number(payload) else { return nil }
    elapsedMilliseconds = elapsed
    linesLength = length
    switch payload[0] {
    case 1: event = .started
    case 2: event = .ended
    case 3, 4:
      guard let event = reader.page(payload, hasKey: payload[0] == 4) else { return nil }
      self.event = event
    case 5:
      guard let milliseconds = reader.number(payload) else { return nil }
      let what = String(decoding: (reader.offset..<payload.count).map { payload[$0] }, as: UTF8.self)
      event = .changed(PassChange(milliseconds: Int64(milliseconds), what: what))
    default: return nil
    }
    offset = range.upperBound
  }

  init(_ event: Event, elapsedMilliseconds: Int, linesLength: Int) {
    self.event = event
    self.elapsedMilliseconds = elapsedMilliseconds
    self.linesLength = linesLength
  }

  private struct Reader {
    /// More than a page counts of anything.
    private static let mostOfPage = 1 << 40
    var offset: Int

    /// A number up to 2^53: what is read here is added up.
    mutating func number(_ payload: Span<UInt8>) -> Int? {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while offset < payload.count && shift < 64 {
        let byte = payload[offset]
        offset += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value <= 1 << 53 ? Int(value) : nil }
        shift += 7
      }
      return nil
    }

    mutating func page(_ payload: Span<UInt8>, hasKey: Bool) -> Event? {
      guard let segment = number(payload) else { return nil }
      var key: [UInt8]?
      if hasKey {
        guard let size = number(payload), size <= payload.count - offset else { return nil }
        key = (offset..<(offset + size)).map { payload[$0] }
        offset += size
      }
      var counts = PassCounts()
      while offset < payload.count {
        guard let index = number(payload), let counter = PassCounter(rawValue: index), let value = number(payload), value <= Self.mostOfPage
        else { return nil }
        counts[counter] = value
      }
      return .page(segment: segment, key: key, counts: counts)
    }
  }

  private static func append(_ number: Int, to bytes: inout ByteBuffer) {
    var rest = UInt64(number)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
