import DynamoDBModel
import HTTPTransport

// One item going through one block as bytes: what `ValueRun` does on values, in the same order. A first walk over the item's attributes notes
// what rules read and cuts the rest into runs, so that what no rule touches is copied in few pieces; then the NEW item is written in one go.

extension BlockPlan {
  /// Appends what the block makes of the item or map at `index` of the tape, from brace to brace; false, with nothing appended, if it skips it.
  func convert(
    at index: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let (outer, isKnown) = scratch.begin(self, at: index, tape)
    defer { scratch.end(outer) }
    if !isKnown {
      try walk(index, 0, cuts: true, tape, bytes, &scratch)
      scratch.learn(tape)
    }
    if skipCode >= 0, holds(skipCode, tape, bytes, scratch) { return false }
    let start = out.count
    out.append(UInt8(ascii: "{"))
    var cursor = scratch.frame.segments
    let notes = scratch.notesPlaces && depth == 0
    try appendSegments(&cursor, to: scratch.frame.segmentsEnd, notes: notes, tape, bytes, &scratch, &out)
    try appendTargets(below: 0, notes: notes, tape, bytes, &scratch, &out)
    out.append(UInt8(ascii: "}"))
    if depth == 0 { try judge(from: start, tape, bytes, scratch, out) }
    return true
  }

  /// Judges keys that stay where they are, the size, and the way back where the file states one.
  private func judge(
    from start: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: borrowing ConversionScratch, _ out: borrowing ByteBuffer
  ) throws(ConversionError) {
    for rule in keysInPlace {
      let index = scratch[Int(codes[rule].index)]
      if index < 0 { throw failure(.missingKey, rule: rule) }
      try judgeKey(rule, index, tape, bytes)
    }
    // The wire form is never shorter than what the service counts.
    if out.count - start > Item.largestSize {
      guard let item = try? Item(wire: out.span.extracting(start..<out.count)), item.sizeInBytes <= Item.largestSize else {
        throw ConversionError(.itemTooLarge)
      }
    }
    if let keysBack = form.keysBack, keysBack.stated != nil { try judgeWayBack(keysBack, from: start, tape, bytes, out) }
  }

  /// Leads the NEW key back: a derived inversion undoes what it was derived from, but what a file states may be anything.
  private func judgeWayBack(
    _ keysBack: KeyInversion, from start: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ out: borrowing ByteBuffer
  ) throws(ConversionError) {
    guard let ownKey = keysBack.old.key(of: Item(tape, bytes)) else { throw ConversionError(.invalidItem, path: keysBack.old.hash.name) }
    guard let new = try? Item(wire: out.span.extracting(start..<out.count)),
      keysBack.oldKey(for: Item(keysBack.parts.compactMap { part in new[part.name].map { (part.name, $0) } })) == ownKey
    else { throw ConversionError(.keyMismatch) }
  }

  /// Judges a value of the OLD item as what rule number `rule` makes NEW's key of.
  func judgeKey(_ rule: Int, _ index: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>) throws(ConversionError) {
    let value = tape[index]
    let isPlain = value.type == .string && !value.contentEscaped
    guard value.type == codes[rule].keyType else { throw failure(.wrongKeyType, rule: rule, found: value.type) }
    try judgeKey(rule, length: isPlain ? value.contentRange.count : tape.sizeInBytes(of: index, bytes))
  }

  func judgeKey(_ rule: Int, length: Int) throws(ConversionError) {
    do throws(DynamoDBModelError) {
      try KeySchema.check(length: length, of: codes[rule].keyType, isHash: codes[rule].isHash)
    } catch {
      throw ConversionError(keyError: error, rule: form.rules[rule].target.description, found: codes[rule].keyType)
    }
  }
}

extension ByteBuffer {
  /// A comma, unless the brace or bracket before opens what follows.
  @inline(__always)
  mutating func appendSeparator() {
    let last = self[count &- 1]
    if last != UInt8(ascii: "{") && last != UInt8(ascii: "[") { append(UInt8(ascii: ",")) }
  }
}
