import DynamoDBModel
import HTTPTransport

// What a rule yields, as bytes. A value on its way through the steps is a node of the tape, text in the scratch, or bytes of the plan.

/// A value between two steps.
private enum TapeValue: BitwiseCopyable {
  /// As it lies in the item.
  case node(Int)
  /// In the scratch's `text`: a string's text, a number's, a binary's base64.
  case text(AttributeType)
  /// A constant.
  case wire(WireRange)
  /// Already appended.
  case done
}

extension BlockPlan {
  /// Appends what rule number `rule` yields; false, with nothing appended, for an absent target.
  func appendValue(
    of rule: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let isThere = try appendAny(of: rule, tape, bytes, &scratch, &out)
    if !isThere && codes[rule].isKey { throw failure(.missingKey, rule: rule) }
    return isThere
  }

  @inline(__always)
  private func appendAny(
    of rule: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let code = codes[rule]
    if code.condition >= 0, !holds(conditions[Int(code.condition)], tape, bytes, scratch.slots) { return false }
    switch code.source {
    case .constant:
      wire.append(code.constant, to: &out)
      return true
    case .slot:
      let index = Int(scratch.slots[Int(code.index)])
      if !code.fallback.isNone && isFallback(code, index, tape) {
        wire.append(code.fallback, to: &out)
        return true
      }
      if index < 0 { return false }
      if code.stepCount == 0 {
        try appendCopy(rule, code, index, tape, bytes, &out)
        return true
      }
      if code.stepCount == 1, case .convert(let conversion) = steps[Int(code.steps)], conversion.isScalar {
        try appendConverted(rule, code, index, conversion, tape, bytes, &scratch, &out)
        return true
      }
      return try appendSteps(rule, code, .node(index), tape, bytes, &scratch, &out)
    case .template:
      guard try fillTemplate(rule, code, tape, bytes, &scratch) else {
        guard !code.fallback.isNone, code.occasions & Fallback.Occasions.absent.rawValue != 0 else { return false }
        wire.append(code.fallback, to: &out)
        return true
      }
      return try appendSteps(rule, code, .text(.string), tape, bytes, &scratch, &out)
    }
  }

  private func isFallback(_ code: RuleCode, _ index: Int, _ tape: borrowing ItemTape) -> Bool {
    let occasions = Fallback.Occasions(rawValue: code.occasions)
    if index < 0 { return occasions.contains(.absent) }
    let value = tape[index]
    switch value.type {
    case .null: return occasions.contains(.null)
    case .string, .binary: return value.contentRange.isEmpty && occasions.contains(.empty)
    case .list, .map: return value.end == index + 1 && occasions.contains(.empty)
    default: return false
    }
  }

  private func appendCopy(
    _ rule: Int, _ code: RuleCode, _ index: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    if code.isKey { try judgeKey(rule, index, tape, bytes) }
    if code.isDeeper, Int(code.depth) + depth(of: index, tape) > AttributePath.depthLimit { throw ConversionError(.tooDeep) }
    out.append(bytes.extracting(tape[index].valueRange))
  }

  /// Levels of lists and maps of the value at `index`.
  private func depth(of index: Int, _ tape: borrowing ItemTape) -> Int {
    let value = tape[index]
    guard value.type == .map || value.type == .list else { return 0 }
    var deepest = 0
    var child = index + 1
    while child < value.end {
      deepest = max(deepest, depth(of: child, tape))
      child = tape[child].end
    }
    return 1 + deepest
  }

  /// The common case of a rule with steps: one scalar, one conversion, no detour over the scratch.
  private func appendConverted(
    _ rule: Int, _ code: RuleCode, _ index: Int, _ conversion: Conversion, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    let value = tape[index]
    guard value.type == conversion.was.type else {
      throw failure(.wrongType, rule: rule, slot: Int(code.index), found: value.type)
    }
    out.appendOpening(conversion.type.type ?? .string)
    let start = out.count
    do throws(ConversionFault) {
      if value.contentEscaped {
        scratch.text.removeAll()
        tape.appendContent(of: index, bytes, to: &scratch.text)
        try conversion.appendConverted(scratch.text.span, to: &out)
      } else {
        try conversion.appendConverted(bytes.extracting(value.contentRange), to: &out)
      }
    } catch {
      throw failure(error.code, rule: rule, slot: Int(code.index), found: value.type)
    }
    let end = out.count
    out.append("\"}")
    if code.isKey { try judgeKey(rule, code, start..<end, out) }
  }

  /// Judges a key's content as it was just written.
  private func judgeKey(_ rule: Int, _ code: RuleCode, _ range: Range<Int>, _ out: borrowing ByteBuffer) throws(ConversionError) {
    try judgeKey(rule, length: code.keyType == .binary ? Base64.decodedCount(out.span, range) : range.count)
  }

  // MARK: all other steps

  private func appendSteps(
    _ rule: Int, _ code: RuleCode, _ source: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    var value = source
    for index in Int(code.steps)..<Int(code.steps + code.stepCount) {
      let type = type(of: value, tape)
      do throws(ConversionFault) {
        guard let next = try apply(steps[index], to: value, tape, bytes, &scratch, &out) else { return false }
        value = next
      } catch {
        throw failure(error.code, rule: rule, slot: code.source == .slot ? Int(code.index) : -1, found: type)
      }
    }
    switch value {
    case .node(let index): try appendCopy(rule, code, index, tape, bytes, &out)
    case .wire(let constant): wire.append(constant, to: &out)
    case .text(let type):
      if code.isKey {
        let count = scratch.text.count
        try judgeKey(rule, length: type == .binary ? Base64.decodedCount(scratch.text.span, 0..<count) : count)
      }
      out.appendOpening(type)
      if type == .string { out.appendJSONContent(scratch.text.span) } else { out.append(scratch.text.span) }
      out.append("\"}")
    case .done: break
    }
    return true
  }

  private func type(of value: TapeValue, _ tape: borrowing ItemTape) -> AttributeType? {
    switch value {
    case .node(let index): tape[index].type
    case .text(let type): type
    case .wire, .done: nil
    }
  }

  /// One step; nil for an absent target.
  private func apply(
    _ step: StepCode, to value: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionFault) -> TapeValue? {
    switch step {
    case .lookup(let number): return try look(up: value, lookups[Int(number)], tape, bytes, &scratch)
    case .parse(let number, let hole):
      guard type(of: value, tape) == .string else { throw .wrongType }
      load(value, tape, bytes, &scratch)
      guard let range = templates[Int(number)].range(ofHole: Int(hole), in: scratch.text.span) else { throw .unmatchedValue }
      scratch.text.truncate(to: range.upperBound)
      scratch.text.removeFirst(range.lowerBound)
      return .text(.string)
    case .convert(let conversion) where conversion.isScalar:
      guard let type = type(of: value, tape) else { return try convert(constant: value, conversion, &out) }
      guard type == conversion.was.type else { throw .wrongType }
      load(value, tape, bytes, &scratch)
      try scratch.convertText(conversion)
      return .text(conversion.type.type ?? .string)
    case .convert(let conversion):
      switch value {
      case .node(let index): try conversion.convert(AttributeValue(tape, bytes, at: index)).encode(into: &out)
      case .text: try conversion.convert(.string(String(copying: scratch.text.span))).encode(into: &out)
      case .wire, .done: return try convert(constant: value, conversion, &out)
      }
      return .done
    }
  }

  /// Converts what a lookup gave. `was` and `type` come last, so the result can go straight out.
  private func convert(constant value: TapeValue, _ conversion: Conversion, _ out: inout ByteBuffer) throws(ConversionFault) -> TapeValue {
    guard case .wire(let range) = value, let constant = wire.value(range) else { return value }
    try conversion.convert(constant).encode(into: &out)
    return .done
  }

  /// Puts a scalar's content into the scratch's `text`.
  private func load(_ value: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch) {
    guard case .node(let index) = value else { return }
    scratch.text.removeAll()
    tape.appendContent(of: index, bytes, to: &scratch.text)
  }

  private func look(
    up value: TapeValue, _ table: LookupCode, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionFault) -> TapeValue? {
    let type = type(of: value, tape)
    if case .node(let index) = value {
      scratch.text.removeAll()
      switch type {
      case .string: tape.appendContent(of: index, bytes, to: &scratch.text)
      case .number: tape.appendCanonicalNumber(of: index, bytes, to: &scratch.text)
      case .bool: scratch.text.append(tape[index].contentRange.count == 4 ? 1 : 0)
      default: break
      }
    }
    for index in table.entries.indices where table.entries[index].type == type {
      if table.entries[index].matches(scratch.text.span) { return .wire(table.entries[index].to) }
    }
    switch table.otherwise {
    case .error: throw .unmatchedValue
    case .keep: return value
    case .drop: return nil
    case .constant: return .wire(table.otherwiseWire)
    }
  }
}

extension ByteBuffer {
  /// What stands before a scalar's content.
  @inline(__always)
  fileprivate mutating func appendOpening(_ type: AttributeType) {
    switch type {
    case .number: append("{\"N\":\"")
    case .binary: append("{\"B\":\"")
    default: append("{\"S\":\"")
    }
  }
}
