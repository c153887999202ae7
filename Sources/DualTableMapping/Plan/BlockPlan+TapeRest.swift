import DynamoDBModel
import HTTPTransport

// What is left of an item's values, and the targets that join them, as bytes; the twin of the same part of `ValueRun`.

extension BlockPlan {
  /// Appends segments from `cursor` on, up to a `leave` or to `end`; where they lie is noted in the scratch's places if `notes`.
  func appendSegments(
    _ cursor: inout Int, to end: Int, notes: Bool = false, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) {
    while cursor < end {
      let segment = scratch.segments[cursor]
      cursor += 1
      switch segment.kind {
      case .run:
        out.appendSeparator()
        let (firstIndex, lastIndex) = (scratch.frame.index &+ Int(segment.start), scratch.frame.index &+ Int(segment.end))
        let (first, last) = (tape[firstIndex], tape[lastIndex])
        let start = first.nameRange.isEmpty ? first.valueRange.lowerBound : first.nameRange.lowerBound &- 1
        if notes { tape.appendPlaces(from: firstIndex, through: lastIndex, shift: out.count - start, to: &scratch.places) }
        out.append(bytes.extracting(start..<last.valueRange.upperBound))
      case .value, .enter: try appendLeft(segment, &cursor, to: end, notes: notes, tape, bytes, &scratch, &out)
      case .leave: return
      case .unmapped: throw unmapped(scratch.frame.index + Int(segment.start), in: Int(segment.end), tape, bytes)
      }
    }
  }

  private func unmapped(_ index: Int, in parent: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>) -> ConversionError {
    // Names below the root may be data, so there the map is named that holds them.
    guard parent == 0 else {
      return failure(.unmappedAttribute, node: parent, found: tape[index].nameRange.isEmpty ? .list : .map)
    }
    return ConversionError(
      .unmappedAttribute, path: prefix.path + AttributePath(tape.name(of: index, bytes)).description, found: "\(tape[index].type.name)")
  }

  /// Appends what is left of a value, with its name if it has one; nothing if nothing is left.
  private func appendLeft(
    _ segment: ConversionScratch.Segment, _ cursor: inout Int, to end: Int, notes: Bool, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    let value = tape[scratch.frame.index &+ Int(segment.start)]
    let node = Int(segment.end)
    let mark = out.count
    out.appendSeparator()
    // The name with its quotes and the colon behind it.
    if !value.nameRange.isEmpty { out.append(bytes.extracting(value.nameRange.lowerBound &- 1..<value.valueRange.lowerBound)) }
    let start = out.count
    if segment.kind == .enter {
      try appendInside(value.type, node, &cursor, to: end, tape, bytes, &scratch, &out)
    } else {
      try appendWhole(value, node, tape, bytes, &scratch, &out)
    }
    guard out.count > start else { return out.truncate(to: mark) }
    let rule = Int(tree.nodes[node].rule)
    if rule >= 0 { try refuseOther(rule, node, from: start, value.type, tape, bytes, &scratch, &out) }
    if notes { scratch.notePlace(from: mark, nameCount: value.nameRange.count, value: start, out) }
    scratch.join(node)
  }

  /// Appends a value of which nothing is taken, or that has nothing in it.
  private func appendWhole(
    _ value: ItemTape.Node, _ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) {
    if !tree.nodes[node].marks.contains(.stays) {
      switch form.rest {
      case .drop: return
      case .error: throw failure(.unmappedAttribute, node: node, found: value.type)
      case .keep: try refuseTargets(below: node, value.type, tape, bytes, &scratch, &out)
      }
    }
    out.append(bytes.extracting(value.valueRange))
  }

  /// Appends what is left of a map or list, with targets that join it; nothing if it was emptied.
  private func appendInside(
    _ type: AttributeType, _ node: Int, _ cursor: inout Int, to end: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    let start = out.count
    if type == .map { out.append("{\"M\":{") } else { out.append("{\"L\":[") }
    let inside = out.count
    try appendSegments(&cursor, to: end, tape, bytes, &scratch, &out)
    if out.count == inside { return out.truncate(to: start) }
    if type == .map {
      try appendTargets(below: node, tape, bytes, &scratch, &out)
      out.append("}}")
    } else {
      try refuseTargets(below: node, .list, tape, bytes, &scratch, &out)
      out.append("]}")
    }
  }

  /// Refuses a rule whose target is what remains from `start` on, whether or not the rule has something to write: what lies there would pass
  /// for what the rule writes, and the way back would take it so. Only a key may be there already, and only as the same value.
  private func refuseOther(
    _ rule: Int, _ node: Int, from start: Int, _ found: AttributeType, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    let end = out.count
    guard codes[rule].isKey, try appendValue(of: rule, tape, bytes, &scratch, &out),
      let left = try? AttributeValue(wire: out.span.extracting(start..<end)),
      let written = try? AttributeValue(wire: out.span.extracting(end..<out.count)), left == written
    else { throw failure(.occupiedTarget, node: node, found: found) }
    out.truncate(to: end)
  }

  /// Refuses targets below a value that remains and is no map, or came as an empty one.
  private func refuseTargets(
    below node: Int, _ found: AttributeType, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) {
    guard tree.nodes[node].marks.contains(.writtenBelow) else { return }
    let mark = out.count
    // As if a map began here, to see whether anything would go into it.
    out.append(UInt8(ascii: "{"))
    try appendTargets(below: node, tape, bytes, &scratch, &out)
    if out.count > mark + 1 { throw failure(.occupiedTarget, node: node, found: found) }
    out.truncate(to: mark)
  }
}
