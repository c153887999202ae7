import DynamoDBModel
import HTTPTransport

// What is left of an item's values, and the targets that join them, as bytes; the twin of the same part of `ValueRun`.

extension BlockPlan {
  /// Appends what is left of the attribute at `index` of the tape, with its name; nothing if nothing is left.
  func appendLeft(
    attribute index: Int, _ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) {
    let mark = out.count
    let value = tape[index]
    out.appendSeparator()
    // The name with its quotes and the colon behind it.
    out.append(bytes.extracting(value.nameRange.lowerBound &- 1..<value.valueRange.lowerBound))
    if try !appendLeft(value: index, node, tape, bytes, &scratch, &out) { out.truncate(to: mark) }
  }

  /// Appends what is left of a value; false, with nothing appended, if nothing is.
  private func appendLeft(
    value index: Int, _ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let known = tree.nodes[node]
    if known.marks.contains(.stays) {
      out.append(bytes.extracting(tape[index].valueRange))
      return true
    }
    if known.marks.contains(.taken) { return false }
    let start = out.count
    guard try appendInside(index, node, known, tape, bytes, &scratch, &out) else { return false }
    if known.rule >= 0 {
      let end = out.count
      if try appendValue(of: Int(known.rule), tape, bytes, &scratch, &out) {
        // Only a key may be written where the item has it already, and only as the same value.
        guard codes[Int(known.rule)].isKey, let left = try? AttributeValue(wire: out.span.extracting(start..<end)),
          let written = try? AttributeValue(wire: out.span.extracting(end..<out.count)), left == written
        else { throw failure(.occupiedTarget, node: node, found: tape[index].type) }
        out.truncate(to: end)
      }
    }
    scratch.join(node)
    return true
  }

  private func appendInside(
    _ index: Int, _ node: Int, _ known: PathNode, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let value = tape[index]
    let isFilled = value.end > index + 1
    if value.type == .map, isFilled, !known.marks.isDisjoint(with: [.takenBelow, .staysBelow, .writtenBelow]) {
      return try appendMap(index, node, tape, bytes, &scratch, &out)
    }
    if value.type == .list, isFilled, !known.marks.isDisjoint(with: [.takenBelow, .staysBelow]) {
      return try appendList(index, node, tape, bytes, &scratch, &out)
    }
    switch form.rest {
    case .drop: return false
    case .error: throw failure(.unmappedAttribute, node: node, found: value.type)
    case .keep:
      try refuseTargets(below: node, value.type, tape, bytes, &scratch, &out)
      out.append(bytes.extracting(value.valueRange))
      return true
    }
  }

  private func appendMap(
    _ index: Int, _ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let start = out.count
    out.append("{\"M\":{")
    let end = tape[index].end
    var runStart = -1
    var runEnd = 0
    var child = index + 1
    while child < end {
      let value = tape[child]
      let known = tree.node(of: child, value, below: node, tape, bytes, &scratch.text)
      if known < 0 && form.rest == .keep {
        if runStart < 0 { runStart = value.nameRange.lowerBound - 1 }
        runEnd = value.valueRange.upperBound
      } else {
        out.appendRun(bytes, &runStart, runEnd)
        if known >= 0 {
          try appendLeft(attribute: child, known, tape, bytes, &scratch, &out)
        } else if form.rest == .error {
          throw failure(.unmappedAttribute, node: node, found: .map)
        }
      }
      child = value.end
    }
    out.appendRun(bytes, &runStart, runEnd)
    if out[out.count - 1] == UInt8(ascii: "{") {
      out.truncate(to: start)
      return false
    }
    try appendTargets(below: node, tape, bytes, &scratch, &out)
    out.append("}}")
    return true
  }

  private func appendList(
    _ index: Int, _ node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let start = out.count
    out.append("{\"L\":[")
    let end = tape[index].end
    var child = index + 1
    var place: Int32 = 0
    while child < end {
      let known = tree.node(at: place, below: node)
      if known >= 0 {
        let mark = out.count
        out.appendSeparator()
        if try !appendLeft(value: child, known, tape, bytes, &scratch, &out) { out.truncate(to: mark) }
      } else if form.rest == .keep {
        out.appendSeparator()
        out.append(bytes.extracting(tape[child].valueRange))
      } else if form.rest == .error {
        throw failure(.unmappedAttribute, node: node, found: .list)
      }
      place += 1
      child = tape[child].end
    }
    if out[out.count - 1] == UInt8(ascii: "[") {
      out.truncate(to: start)
      return false
    }
    try refuseTargets(below: node, .list, tape, bytes, &scratch, &out)
    out.append("]}")
    return true
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

  /// Appends the targets below `node` that have not joined a map that remains.
  func appendTargets(
    below node: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    for child in tree.nodes[node].writtenChildren where !scratch.hasJoined(child) {
      let known = tree.nodes[child]
      let mark = out.count
      out.appendSeparator()
      tree.appendName(of: child, to: &out)
      if known.rule >= 0 {
        if try !appendValue(of: Int(known.rule), tape, bytes, &scratch, &out) { out.truncate(to: mark) }
      } else {
        out.append("{\"M\":{")
        let inside = out.count
        try appendTargets(below: child, tape, bytes, &scratch, &out)
        if out.count == inside { out.truncate(to: mark) } else { out.append("}}") }
      }
    }
  }
}

extension ByteBuffer {
  /// Ends a run of attributes that are copied as they are.
  fileprivate mutating func appendRun(_ bytes: Span<UInt8>, _ start: inout Int, _ end: Int) {
    guard start >= 0 else { return }
    appendSeparator()
    append(bytes.extracting(start..<end))
    start = -1
  }
}
