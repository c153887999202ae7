import DynamoDBModel
import HTTPTransport

extension BlockPlan {
  /// Fills the template of rule number `rule` into the scratch's `text`; false if a hole has nothing to go into it.
  func fillTemplate(
    _ rule: Int, _ code: RuleCode, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: inout ConversionScratch
  ) throws(ConversionError) -> Bool {
    let template = Int(code.index)
    scratch.text.removeAll()
    scratch.holeEnds.removeAll()
    for place in templates.pieces(template) {
      let piece = templates.piece(place)
      templates.appendLiteral(piece, to: &scratch.text)
      guard piece.slot >= 0 else { break }
      let index = scratch[Int(piece.slot)]
      if index < 0 { return false }
      switch tape[index].type {
      case .string: tape.appendContent(of: index, bytes, to: &scratch.text)
      case .number: tape.appendCanonicalNumber(of: index, bytes, to: &scratch.text)
      default: throw failure(.wrongType, rule: rule, slot: Int(piece.slot), found: tape[index].type)
      }
      scratch.holeEnds.append(Int32(scratch.text.count))
    }
    if !templates.isAlwaysUnambiguous(template), !code.isLossy,
      !templates.isUnambiguous(template, in: scratch.text.span, scratch.holeEnds)
    {
      throw failure(.notReversible, rule: rule)
    }
    return true
  }

  /// Whether the condition whose codes begin at `index` holds for the item on the tape.
  func holds(_ index: Int, _ tape: borrowing ItemTape, _ bytes: Span<UInt8>, _ scratch: borrowing ConversionScratch) -> Bool {
    switch conditionTable.codes[index] {
    case .all(let end):
      var next = index + 1
      while next < end {
        if !holds(next, tape, bytes, scratch) { return false }
        next = conditionTable.end(of: next)
      }
      return true
    case .any(let end):
      var next = index + 1
      while next < end {
        if holds(next, tape, bytes, scratch) { return true }
        next = conditionTable.end(of: next)
      }
      return false
    case .not: return !holds(index + 1, tape, bytes, scratch)
    case .equalsText(let slot, let text):
      let value = scratch[Int(slot)]
      if value < 0 || tape[value].type != .string { return false }
      // Text is what flags and kinds are; it is compared where it lies.
      if !tape[value].contentEscaped { return conditionTable.texts.equals(text, bytes.extracting(tape[value].contentRange)) }
      var plain = ByteBuffer()
      tape.appendContent(of: value, bytes, to: &plain)
      return conditionTable.texts.equals(text, plain.span)
    case .exists(let slot): return scratch[Int(slot)] >= 0
    case .isType(let slot, let type): return scratch[Int(slot)] >= 0 && tape[scratch[Int(slot)]].type == type
    case .onValue(let slot, let number):
      let value = scratch[Int(slot)]
      return value >= 0 && conditionTable.onValues[Int(number)].holds(for: AttributeValue(tape, bytes, at: value))
    }
  }
}
