import DynamoDBModel
import HTTPTransport

// What a rule yields, as bytes. A value on its way through the steps is a node of the tape, text in the scratch, or bytes of the plan.

/// A value between two steps.
enum TapeValue: BitwiseCopyable {
  /// As it lies in the item.
  case node(Int)
  /// In the scratch's `text`: a string's text, a number's, a binary's base64.
  case text(AttributeType)
  /// A constant.
  case wire(ByteRange)
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
    if code.conditionCode >= 0, !holds(Int(code.conditionCode), tape, bytes, scratch) { return false }
    switch code.source {
    case .constant:
      wire.append(code.constant, to: &out)
      return true
    case .slot:
      let index = scratch[Int(code.index)]
      if !code.fallback.isNone && isFallback(code, index, tape) {
        wire.append(code.fallback, to: &out)
        return true
      }
      if index < 0 { return false }
      return try appendSteps(code.stepRange, rule, .node(index), tape, bytes, &scratch, &out)
    case .template:
      guard try fillTemplate(rule, code, tape, bytes, &scratch) else {
        guard !code.fallback.isNone, code.occasions & Fallback.Occasions.absent.rawValue != 0 else { return false }
        wire.append(code.fallback, to: &out)
        return true
      }
      return try appendSteps(code.stepRange, rule, .text(.string), tape, bytes, &scratch, &out)
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

  /// Appends the value at `index` as it is.
  func appendCopy(
    _ rule: Int, _ index: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    if codes[rule].isKey { try judgeKey(rule, index, tape, bytes) }
    if codes[rule].isDeeper, Int(codes[rule].depth) + depth(of: index, tape) > AttributePath.depthLimit { throw ConversionError(.tooDeep) }
    let value = tape[index].valueRange
    out.append(bytes, from: value.lowerBound, count: value.count)
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

  /// Appends what a scalar becomes, from behind its opening on: one conversion, no detour over the scratch.
  func appendConverted(
    _ rule: Int, _ index: Int, _ conversion: Conversion, of type: AttributeType, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) {
    let value = tape[index]
    guard value.type == type else {
      throw failure(.wrongType, rule: rule, slot: slot(of: rule), found: value.type)
    }
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
      throw failure(error.code, rule: rule, slot: slot(of: rule), found: value.type)
    }
    let end = out.count
    out.append("\"}")
    if codes[rule].isKey {
      try judgeKey(rule, length: codes[rule].keyType == .binary ? Base64.decodedCount(out.span, start..<end) : end - start)
    }
  }

  // MARK: all other steps

  /// Appends what a run of steps makes of a value; false, with nothing appended, for an absent target.
  func appendSteps(
    _ range: Range<Int>, _ rule: Int, _ source: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: inout ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    var value = source
    for index in range {
      if !isOnBytes(steps[index], value, tape) {
        return try appendAsValues(index..<range.upperBound, rule, value, tape, bytes, scratch, &out)
      }
      switch steps[index] {
      case .eachBlock(let number):
        try appendEach(rule, inner[Int(number)], value, tape, bytes, &scratch, &out)
        return true
      case .eachValue(let number):
        try appendEach(rule, valueSteps[Int(number)], value, tape, bytes, &scratch, &out)
        return true
      default:
        let type = type(of: value, tape)
        do throws(ConversionFault) {
          guard let next = try apply(steps[index], to: value, tape, bytes, &scratch) else { return false }
          value = next
        } catch {
          throw failure(error.code, rule: rule, slot: slot(of: rule), found: type)
        }
      }
    }
    try append(value, rule, tape, bytes, scratch, &out)
    return true
  }

  private func append(
    _ value: TapeValue, _ rule: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: borrowing ConversionScratch,
    _ out: inout ByteBuffer
  ) throws(ConversionError) {
    switch value {
    case .node(let index): try appendCopy(rule, index, tape, bytes, &out)
    case .wire(let constant): wire.append(constant, to: &out)
    case .text(let type):
      if codes[rule].isKey {
        let count = scratch.text.count
        try judgeKey(rule, length: type == .binary ? Base64.decodedCount(scratch.text.span, 0..<count) : count)
      }
      out.appendOpening(type)
      if type == .string { out.appendJSONContent(scratch.text.span) } else { out.append(scratch.text.span) }
      out.append("\"}")
    }
  }

  /// False for what is done on values: sets, JSON, and `each` on what isn't in the item.
  private func isOnBytes(_ step: StepCode, _ value: TapeValue, _ tape: borrowing ItemTape) -> Bool {
    switch (step, value) {
    case (.eachBlock, .node(let index)): tape[index].type == .list || tape[index].type == .map
    case (.eachValue, .node(let index)): tape[index].type == .list
    case (.eachBlock, _), (.eachValue, _), (_, .wire): false
    case (.convert(let conversion), _): conversion.isScalar
    case (.parse, _), (.lookup, _): true
    }
  }

  private func appendAsValues(
    _ range: Range<Int>, _ rule: Int, _ value: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>,
    _ scratch: borrowing ConversionScratch, _ out: inout ByteBuffer
  ) throws(ConversionError) -> Bool {
    let before: AttributeValue?
    switch value {
    case .node(let index): before = AttributeValue(tape, bytes, at: index)
    case .wire(let range): before = wire.value(range)
    case .text(.number): before = (try? DynamoDBNumber(String(copying: scratch.text.span))).map { .number($0) }
    case .text(.binary): before = base64Bytes(String(copying: scratch.text.span)).map { .binary($0) }
    case .text: before = .string(String(copying: scratch.text.span))
    }
    guard let before, let result = try apply(range, to: before, rule: rule) else { return false }
    if codes[rule].isDeeper || result.depth > 0, Int(codes[rule].depth) + result.depth > AttributePath.depthLimit {
      throw ConversionError(.tooDeep)
    }
    result.encode(into: &out)
    return true
  }

  private func type(of value: TapeValue, _ tape: borrowing ItemTape) -> AttributeType? {
    switch value {
    case .node(let index): tape[index].type
    case .text(let type): type
    case .wire: nil
    }
  }

  /// One step on bytes; nil for an absent target.
  private func apply(
    _ step: StepCode, to value: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionFault) -> TapeValue? {
    switch step {
    case .lookup(let number): return try look(up: value, Int(number), tape, bytes, &scratch)
    case .parse(let number, let hole):
      guard type(of: value, tape) == .string else { throw .wrongType }
      load(value, tape, bytes, &scratch)
      guard let range = templates.range(Int(number), ofHole: Int(hole), in: scratch.text.span) else { throw .unmatchedValue }
      scratch.text.truncate(to: range.upperBound)
      scratch.text.removeFirst(range.lowerBound)
      return .text(.string)
    case .convert(let conversion):
      guard type(of: value, tape) == conversion.was.type else { throw .wrongType }
      load(value, tape, bytes, &scratch)
      try scratch.convertText(conversion)
      return .text(conversion.type.type ?? .string)
    case .eachBlock, .eachValue: throw .wrongType
    }
  }

  /// Puts a scalar's content into the scratch's `text`.
  private func load(_ value: TapeValue, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch) {
    guard case .node(let index) = value else { return }
    scratch.text.removeAll()
    tape.appendContent(of: index, bytes, to: &scratch.text)
  }

  private func look(
    up value: TapeValue, _ table: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionFault) -> TapeValue? {
    let constant: ByteRange? =
      switch value {
      case .node(let index): constant(for: index, table, tape, bytes, &scratch)
      case .text(let type): lookups.constant(table, type, scratch.text.span)
      case .wire: nil
      }
    if let constant { return .wire(constant) }
    switch lookups.otherwise(table) {
    case (.error, _): throw .unmatchedValue
    case (.keep, _): return value
    case (.drop, _): return nil
    case (.constant, let constant): return .wire(constant)
    }
  }

  /// What lookup number `table` has for the value at `index`; nil if nothing.
  func constant(
    for index: Int, _ table: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) -> ByteRange? {
    let value = tape[index]
    // Text without escapes is looked up where it lies.
    if value.type == .string && !value.contentEscaped { return lookups.constant(table, .string, bytes.extracting(value.contentRange)) }
    scratch.text.removeAll()
    switch value.type {
    case .string: tape.appendContent(of: index, bytes, to: &scratch.text)
    case .number: tape.appendCanonicalNumber(of: index, bytes, to: &scratch.text)
    case .bool: scratch.text.append(value.contentRange.count == 4 ? 1 : 0)
    default: break
    }
    return lookups.constant(table, value.type, scratch.text.span)
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
